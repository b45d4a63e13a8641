// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOPosix
public import RelayCore
import TLSEngine
import WebSocketCore

/// Opens the addresses that connect: everything but listeners.
public struct Dialer: Sendable {
    let loops: EventLoops
    let options: LinkOptions
    let log: Logger
    private let tls: ClientTLS
    private let steps: DialSteps

    /// - Parameters:
    ///   - address: what will be dialled; decides whether TLS is set up.
    ///   - onStep: told what has been reached, and how long that took, on the link's event loop.
    /// - Throws: when a certificate file can't be used.
    public init(
        for address: Address,
        loops: EventLoops,
        options: LinkOptions,
        log: Logger,
        onStep: (@Sendable (DialStep, Duration) -> Void)? = nil
    ) throws(OpeningError) {
        self.loops = loops
        self.options = options
        self.log = log
        self.steps = DialSteps(name: "\(address)", log: log, observer: onStep)
        self.tls = ClientTLS(options.tls)
        do throws(EndpointError) {
            // Known now, not at the first link: files that can't be used.
            if address.isSecureWebSocket, !address.isListening { _ = try self.tls.context() }
        } catch {
            throw OpeningError(name: "\(address)", reason: error)
        }
    }

    /// Opens `address` for a link on `executor`, on a task pinned to it.
    ///
    /// - Parameter keepsMessages: the other end of the link tells messages apart.
    public func dial(
        _ address: Address,
        on executor: EventLoopExecutor,
        keepsMessages: Bool,
        rules: DialRules = DialRules()
    ) async throws(OpeningError) -> any Endpoint {
        do {
            return try await self.open(address, on: executor, keepsMessages: keepsMessages, rules)
        } catch {
            let reason = EndpointError(connecting: error, after: self.options.connectTimeout)
            throw OpeningError(name: "\(address)", reason: reason)
        }
    }

    private func open(
        _ address: Address,
        on executor: EventLoopExecutor,
        keepsMessages: Bool,
        _ rules: DialRules
    ) async throws -> any Endpoint {
        switch address {
        case .standardStreams:
            let streams = try await StandardStreams.open(on: executor, loops: self.loops)
            return self.options.isText ? TextLines(streams) : streams
        case .webSocket(let url):
            return try await self.dialWebSocket(url, address, on: executor, keepsMessages: keepsMessages, rules)
        case .webSocketOverUnix(let path, let target):
            return try await self.dialWebSocket(path, target, address, on: executor, keepsMessages: keepsMessages)
        case .tcp(let hostAndPort):
            let channel = try await self.connect(to: hostAndPort, on: executor, rules) { channel in
                try channel.pipeline.syncOperations.addHandler(ChannelStream(channel: channel, kind: .tcp))
            }
            return ByteStreamEndpoint(name: "\(address)", stream: try ChannelStream.of(channel))
        case .unix(let path):
            let channel = try await self.connect(toUnix: path, on: executor) { channel in
                try channel.pipeline.syncOperations.addHandler(ChannelStream(channel: channel, kind: .unix))
            }
            return ByteStreamEndpoint(name: "\(address)", stream: try ChannelStream.of(channel))
        case .exec(let program, let arguments):
            return try await self.start(program, arguments, address, on: executor, rules)
        case .shell(let command):
            return try await self.start("/bin/sh", ["-c", command], address, on: executor, rules)
        case .echo:
            return EchoEndpoint()
        case .discard:
            return DiscardEndpoint()
        case .webSocketListen, .webSocketUnixListen, .webSocketInherited, .tcpListen, .unixListen:
            throw EndpointError.connectFailed(reason: "\(address) listens, it can't be connected to")
        }
    }

    private func start(
        _ program: String,
        _ arguments: [String],
        _ address: Address,
        on executor: EventLoopExecutor,
        _ rules: DialRules
    ) async throws -> any Endpoint {
        try await ChildProcess.start(
            program,
            arguments,
            environment: rules.environment,
            name: "\(address)",
            on: executor,
            log: self.log
        )
    }

    // MARK: WebSocket

    /// Follows redirects, if that is wanted.
    private func dialWebSocket(
        _ first: WebSocketURL,
        _ address: Address,
        on executor: EventLoopExecutor,
        keepsMessages: Bool,
        _ rules: DialRules
    ) async throws -> any Endpoint {
        var url = first
        var redirects = 0
        while true {
            do {
                let request = self.request(url, isFirstOrigin: url.isSameOrigin(as: first))
                return try await self.open(url, request, address, on: executor, keepsMessages: keepsMessages, rules)
            } catch EndpointError.refused(let refusal)
                where refusal.isRedirect && self.options.request.redirectLimit != nil
            {
                url = try self.follow(refusal, from: url, after: redirects)
                redirects += 1
                self.log.debug("\(self.steps.name): HTTP \(refusal.status), redirected to \(url)")
            } catch  where redirects > 0 {
                let reason = EndpointError(connecting: error, after: self.options.connectTimeout)
                throw EndpointError.redirected(to: url, reason)
            }
        }
    }

    private func follow(
        _ refusal: HTTPRefusal,
        from url: WebSocketURL,
        after redirects: Int
    ) throws(EndpointError) -> WebSocketURL {
        let location = refusal.location ?? ""
        if let limit = self.options.request.redirectLimit, redirects >= limit {
            throw .redirect(.tooMany(limit: limit, location: location))
        }
        do throws(RedirectError) {
            return try RedirectTarget.url(location, from: url, allowsInsecure: self.options.tls.isInsecure)
        } catch {
            throw .redirect(error)
        }
    }

    private func open(
        _ url: WebSocketURL,
        _ request: ClientHandshake,
        _ address: Address,
        on executor: EventLoopExecutor,
        keepsMessages: Bool,
        _ rules: DialRules
    ) async throws -> any Endpoint {
        let tls = url.isSecure ? try self.tls.context() : nil
        let start = NIODeadline.now()
        let channel = try await self.connect(to: url.hostAndPort, on: executor, rules) { channel in
            if let tls {
                let handler = TLSHandler(context: tls, peerName: url.hostAndPort.host)
                try channel.pipeline.syncOperations.addHandlers(ReadBufferKeeper(), handler)
            }
            try HandshakePipeline.addClient(to: channel, headLimit: self.options.headLimit)
        }
        let opening = WebSocketOpening(
            channel: channel,
            kind: .tcp,
            executor: executor,
            timeLeft: self.timeLeft(since: start),
            options: self.options,
            steps: self.steps
        )
        return try await opening.open(request, name: "\(address)", keepsMessages: keepsMessages)
    }

    private func dialWebSocket(
        _ path: String,
        _ target: String,
        _ address: Address,
        on executor: EventLoopExecutor,
        keepsMessages: Bool
    ) async throws -> any Endpoint {
        let channel = try await self.connect(toUnix: path, on: executor) { channel in
            try HandshakePipeline.addClient(to: channel, headLimit: self.options.headLimit)
        }
        let opening = WebSocketOpening(
            channel: channel,
            kind: .unix,
            executor: executor,
            timeLeft: self.options.connectTimeout,
            options: self.options,
            steps: self.steps
        )
        let url = WebSocketURL(isSecure: false, hostAndPort: HostAndPort("localhost", 80), target: target)
        let request = self.request(url, isFirstOrigin: true)
        return try await opening.open(request, name: "\(address)", keepsMessages: keepsMessages)
    }

    private func request(_ url: WebSocketURL, isFirstOrigin: Bool) -> ClientHandshake {
        let header = RequestHeader(options: self.options.request, url: url, isFirstOrigin: isFirstOrigin)
        var random = SystemRandomNumberGenerator()
        return ClientHandshake(
            uri: url.target,
            host: url.authority,
            key: SecWebSocketKey(random.next(), random.next()),
            subprotocols: self.options.subprotocols,
            // Lines of text have their own end: a Close at the end of input.
            offers: self.options.isText ? [] : [.halfClose],
            additional: header.additional,
            removed: header.removed
        )
    }

    private func timeLeft(since start: NIODeadline) -> Duration {
        max(.milliseconds(1), self.options.connectTimeout - Duration(NIODeadline.now() - start))
    }

    // MARK: Connections

    private func connect(
        to hostAndPort: HostAndPort,
        on executor: EventLoopExecutor,
        _ rules: DialRules,
        _ addHandlers: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> any Channel {
        let start = NIODeadline.now()
        let resolver = NameResolver(
            eventLoop: executor.eventLoop,
            threads: self.loops.resolving,
            family: self.options.family,
            permits: rules.permits
        ) { addresses in
            // An address that was given as such is no news.
            let list = addresses.compactMap(\.ipAddress)
            guard list != [hostAndPort.host] else { return }
            self.steps.reached(.resolved(host: hostAndPort.host, addresses: list), since: start)
        }
        do {
            let channel = try await ClientBootstrap(group: executor.eventLoop)
                .resolver(resolver)
                .connectTimeout(TimeAmount(self.options.connectTimeout))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try StreamOptions.apply(to: channel, kind: .tcp)
                        try addHandlers(channel)
                    }
                }
                .connect(host: hostAndPort.host, port: hostAndPort.port)
                .get()
            let peer = channel.remoteAddress.map { "\($0.numericDescription)" } ?? "\(hostAndPort)"
            self.steps.reached(.connected(to: peer), since: start)
            return channel
        } catch {
            for failed in (error as? NIOConnectionError)?.connectionErrors ?? [] {
                let reason = EndpointError(connecting: failed.error, after: self.options.connectTimeout)
                self.log.debug("\(self.steps.name): \(failed.target.numericDescription): \(reason)")
            }
            throw EndpointError(connecting: error, after: self.options.connectTimeout)
        }
    }

    private func connect(
        toUnix path: String,
        on executor: EventLoopExecutor,
        _ addHandlers: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> any Channel {
        let start = NIODeadline.now()
        do {
            let timeout = self.options.connectTimeout
            let socket = try await self.loops.blocking.runIfActive(eventLoop: executor.eventLoop) {
                try UnixSocket.connect(to: path, timeout: timeout)
            }.get()
            let channel = try await ClientBootstrap(group: executor.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try StreamOptions.apply(to: channel, kind: .unix)
                        try addHandlers(channel)
                    }
                }
                .withConnectedSocket(socket)
                .get()
            self.steps.reached(.connected(to: path), since: start)
            return channel
        } catch {
            throw EndpointError(connecting: error, after: self.options.connectTimeout)
        }
    }
}
