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
    /// Made once, so that TLS sessions are resumed and the trust store is loaded once; only for wss.
    let tls: TLSContext?
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
        do throws(EndpointError) {
            self.tls = try Self.tlsContext(for: address, options)
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

    private static func tlsContext(for address: Address, _ options: LinkOptions) throws(EndpointError) -> TLSContext? {
        guard case .webSocket(let url) = address, url.isSecure else { return nil }
        let configuration = TLSClientConfiguration(
            verifiesPeer: !options.isInsecure,
            caFile: options.authorityFile,
            certificateChainFile: options.certificateFile,
            privateKeyFile: options.keyFile
        )
        do throws(TLSError) {
            return try TLSContext(client: configuration)
        } catch {
            throw .tls(error)
        }
    }

    // MARK: WebSocket

    private func dialWebSocket(
        _ url: WebSocketURL,
        _ address: Address,
        on executor: EventLoopExecutor,
        keepsMessages: Bool,
        _ rules: DialRules
    ) async throws -> any Endpoint {
        let start = NIODeadline.now()
        let channel = try await self.connect(to: url.hostAndPort, on: executor, rules) { channel in
            if let tls = self.tls {
                let handler = TLSHandler(context: tls, peerName: url.hostAndPort.host)
                try channel.pipeline.syncOperations.addHandlers(ReadBufferKeeper(), handler)
            }
            try HandshakePipeline.addClient(to: channel, headLimit: self.options.headLimit)
        }
        let request = self.request(target: url.target, host: url.authority, credentials: url.credentials)
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
        let request = self.request(target: target, host: "localhost", credentials: nil)
        return try await opening.open(request, name: "\(address)", keepsMessages: keepsMessages)
    }

    private func request(target: String, host: String, credentials: String?) -> ClientHandshake {
        var headers = [("User-Agent", self.options.userAgent)]
        if let credentials = self.options.credentials ?? credentials {
            headers.append(("Authorization", "Basic \(Base64.encode(credentials.utf8))"))
        }
        // The user's come in place of ours.
        var fields = HeaderFields(headers)
        fields.replace(with: self.options.headers.map { ($0.name, $0.value) })
        var random = SystemRandomNumberGenerator()
        return ClientHandshake(
            uri: target,
            host: host,
            key: SecWebSocketKey(random.next(), random.next()),
            subprotocols: self.options.subprotocols,
            // Lines of text have their own end: a Close at the end of input.
            offers: self.options.isText ? [] : [.halfClose],
            additional: fields.fields.map { ($0.name, $0.value) }
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
