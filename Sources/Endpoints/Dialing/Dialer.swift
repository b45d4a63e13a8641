// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
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
    private let connector: Connector

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
            self.connector = try Connector(loops: loops, options: options, steps: self.steps)
        } catch {
            throw OpeningError(name: "\(address)", reason: error)
        }
    }

    /// Opens `address` for a link on `executor`, on a task pinned to it.
    ///
    /// Tries again as often as the options say.
    ///
    /// - Parameters:
    ///   - keepsMessages: the other end of the link tells messages apart.
    ///   - client: for whom; once it has gone, no further try is made.
    public func dial(
        _ address: Address,
        on executor: EventLoopExecutor,
        keepsMessages: Bool,
        rules: DialRules = DialRules(),
        for client: IncomingConnection? = nil
    ) async throws(OpeningError) -> any Endpoint {
        let start = NIODeadline.now()
        var schedule = RetrySchedule(self.options.retry)
        while true {
            do throws(OpeningError) {
                return try await self.dialOnce(address, on: executor, keepsMessages: keepsMessages, rules)
            } catch {
                let elapsed = Duration(NIODeadline.now() - start)
                guard let pause = schedule.pause(after: error.reason, elapsed: elapsed, chance: .random(in: 0...1))
                else {
                    throw error
                }
                let number = "\(schedule.number) of \(self.options.retry.count)"
                self.log.warning("\(error); retry \(number) in \(pause.measuredDescription)")
                guard await Self.wait(pause, on: executor, for: client) else {
                    throw OpeningError(name: "\(address)", reason: .abandoned)
                }
            }
        }
    }

    /// - Returns: Whether `client` is still there.
    private static func wait(
        _ time: Duration,
        on executor: EventLoopExecutor,
        for client: IncomingConnection?
    ) async -> Bool {
        let isWanted = executor.eventLoop.makePromise(of: Bool.self)
        let cancel = executor.schedule(after: time) { isWanted.succeed(true) }
        defer { cancel() }
        client?.whenGone { isWanted.succeed(false) }
        return (try? await isWanted.futureResult.get()) ?? false
    }

    private func dialOnce(
        _ address: Address,
        on executor: EventLoopExecutor,
        keepsMessages: Bool,
        _ rules: DialRules
    ) async throws(OpeningError) -> any Endpoint {
        let clock = OpeningClock(self.options.opening)
        do {
            return try await self.open(address, on: executor, clock, keepsMessages: keepsMessages, rules)
        } catch {
            throw OpeningError(name: "\(address)", reason: EndpointError(connecting: error, clock))
        }
    }

    private func open(
        _ address: Address,
        on executor: EventLoopExecutor,
        _ clock: OpeningClock,
        keepsMessages: Bool,
        _ rules: DialRules
    ) async throws -> any Endpoint {
        switch address {
        case .standardStreams:
            let streams = try await StandardStreams.open(on: executor, loops: self.loops)
            return self.options.messages.map { MessageStream(streams, $0) } ?? streams
        case .webSocket(let url):
            return try await self.dialWebSocket(url, address, on: executor, clock, keepsMessages: keepsMessages, rules)
        case .webSocketOverUnix(let path, let target):
            return try await self.dialWebSocket(
                path,
                target,
                address,
                on: executor,
                clock,
                keepsMessages: keepsMessages
            )
        case .tcp(let hostAndPort):
            let proxy = self.options.proxy.proxy(for: hostAndPort)
            let channel = try await self.connector.connect(to: hostAndPort, through: proxy, on: executor, clock, rules)
            {
                try $0.pipeline.syncOperations.addHandler(ChannelStream(channel: $0, kind: .tcp))
            }
            return ByteStreamEndpoint(name: "\(address)", stream: try ChannelStream.of(channel))
        case .unix(let path):
            let channel = try await self.connector.connect(toUnix: path, on: executor, clock) {
                try $0.pipeline.syncOperations.addHandler(ChannelStream(channel: $0, kind: .unix))
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
        _ clock: OpeningClock,
        keepsMessages: Bool,
        _ rules: DialRules
    ) async throws -> any Endpoint {
        var url = first
        var redirects = 0
        var cookies = self.options.request.cookieJar
        while true {
            do {
                let request = self.request(url, cookies, isFirstOrigin: url.isSameOrigin(as: first))
                return try await self.open(
                    url,
                    request,
                    address,
                    on: executor,
                    clock,
                    keepsMessages: keepsMessages,
                    rules
                )
            } catch EndpointError.refused(let refusal)
                where refusal.isRedirect && self.options.request.redirectLimit != nil
            {
                if self.options.request.keepsCookies {
                    for field in refusal.cookies { cookies.add(setCookie: field, from: url, at: time(nil)) }
                }
                url = try self.follow(refusal, from: url, after: redirects)
                redirects += 1
                self.log.debug("\(self.steps.name): HTTP \(refusal.status), redirected to \(url)")
            } catch  where redirects > 0 {
                let reason = EndpointError(connecting: error, clock)
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
            throw .redirect(.tooMany(limit: limit, location: refusal.shownLocation ?? ""))
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
        _ clock: OpeningClock,
        keepsMessages: Bool,
        _ rules: DialRules
    ) async throws -> any Endpoint {
        let tls = url.isSecure ? try self.tls.context() : nil
        let options = self.options
        let addHandlers: @Sendable (any Channel) throws -> Void = { channel in
            if let tls {
                let handler = TLSHandler(context: tls, peerName: url.hostAndPort.host)
                try channel.pipeline.syncOperations.addHandlers(ReadBufferKeeper(), handler)
            }
            try WireTap.add(to: channel, name: "\(address)", isClient: true, options: options)
            try HandshakePipeline.addClient(to: channel, headLimit: options.headLimit)
        }
        let channel: any Channel
        if let path = self.options.routing.unixSocket {
            channel = try await self.connector.connect(toUnix: path, on: executor, clock, addHandlers)
        } else {
            let (host, proxy) = (url.hostAndPort, try self.options.proxy.proxy(for: url))
            channel = try await self.connector.connect(
                to: host,
                through: proxy,
                on: executor,
                clock,
                rules,
                addHandlers
            )
        }
        let opening = WebSocketOpening(
            channel: channel,
            kind: self.options.routing.unixSocket == nil ? .tcp : .unix,
            isSecure: url.isSecure,
            executor: executor,
            clock: clock,
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
        _ clock: OpeningClock,
        keepsMessages: Bool
    ) async throws -> any Endpoint {
        let channel = try await self.connector.connect(toUnix: path, on: executor, clock) { channel in
            try WireTap.add(to: channel, name: "\(address)", isClient: true, options: self.options)
            try HandshakePipeline.addClient(to: channel, headLimit: self.options.headLimit)
        }
        let opening = WebSocketOpening(
            channel: channel,
            kind: .unix,
            isSecure: false,
            executor: executor,
            clock: clock,
            options: self.options,
            steps: self.steps
        )
        let url = WebSocketURL(isSecure: false, hostAndPort: HostAndPort("localhost", 80), target: target)
        let request = self.request(url, self.options.request.cookieJar, isFirstOrigin: true)
        return try await opening.open(request, name: "\(address)", keepsMessages: keepsMessages)
    }

    private func request(_ url: WebSocketURL, _ cookies: CookieJar, isFirstOrigin: Bool) -> ClientHandshake {
        var options = self.options.request
        options.cookieJar = cookies
        let header = RequestHeader(options: options, url: url, isFirstOrigin: isFirstOrigin)
        var random = SystemRandomNumberGenerator()
        return ClientHandshake(
            uri: url.target,
            host: url.authority,
            key: SecWebSocketKey(random.next(), random.next()),
            subprotocols: self.options.subprotocols,
            offers: self.offers,
            additional: header.additional,
            removed: header.removed
        )
    }

    private var offers: [ExtensionOffer] {
        // Messages have their own end: a Close at the end of input.
        (self.options.keepsMessages ? [] : [.halfClose])
            + (self.options.compressionWindow.map { DeflateAgreement.offers(window: $0) } ?? [])
    }
}
