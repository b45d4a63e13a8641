// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import TLSEngine

/// Connects channels: over TCP, directly or through a proxy, and over Unix sockets.
struct Connector: Sendable {
    let loops: EventLoops
    let options: LinkOptions
    let steps: DialSteps
    /// For proxies with TLS.
    private let proxyTLS: TLSContext?

    /// - Throws: when a certificate file can't be used.
    init(loops: EventLoops, options: LinkOptions, steps: DialSteps) throws(EndpointError) {
        self.loops = loops
        self.options = options
        self.steps = steps
        self.proxyTLS = try Self.proxyTLS(options.proxy)
    }

    private static func proxyTLS(_ proxies: ProxySettings) throws(EndpointError) -> TLSContext? {
        guard proxies.usesTLS else { return nil }
        do throws(TLSError) {
            return try TLSContext(
                client: TLSClientConfiguration(verifiesPeer: !proxies.isInsecure, caFile: proxies.authorityFile)
            )
        } catch {
            throw .tls(error)
        }
    }

    // MARK: TCP

    /// - Parameters:
    ///   - proxy: connects for us.
    ///   - addHandlers: called once, before a byte of the target can be read.
    func connect(
        to target: HostAndPort,
        through proxy: Proxy?,
        on executor: EventLoopExecutor,
        _ clock: OpeningClock,
        _ rules: DialRules,
        _ addHandlers: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> any Channel {
        var target = self.options.routing.destination(of: target)
        guard let proxy else { return try await self.connect(to: target, on: executor, clock, rules, addHandlers) }
        let resolver = self.resolver(of: target, on: executor, rules)
        // What is not for the proxy to decide is looked up here.
        if proxy.scheme == .socks5 || rules.permits != nil { target = try await resolver.address(of: target, clock) }
        do {
            let opening = ProxyOpening(
                proxy: proxy,
                target: target,
                executor: executor,
                options: self.options,
                clock: clock,
                steps: self.steps
            )
            let channel = try await self.connect(to: proxy.hostAndPort, on: executor, clock, DialRules()) { channel in
                if proxy.scheme == .https, let tls = self.proxyTLS {
                    let handler = TLSHandler(context: tls, peerName: proxy.hostAndPort.host)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
                try opening.addHandlers(to: channel)
            }
            try await opening.open(channel, addHandlers)
            return channel
        } catch {
            throw EndpointError.proxy("\(proxy)", EndpointError(connecting: error, clock))
        }
    }

    private func connect(
        to hostAndPort: HostAndPort,
        on executor: EventLoopExecutor,
        _ clock: OpeningClock,
        _ rules: DialRules,
        _ addHandlers: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> any Channel {
        let resolver = self.resolver(of: hostAndPort, on: executor, rules)
        let routing = self.options.routing
        try await resolver.look(up: hostAndPort, clock)
        let start = NIODeadline.now()
        let deadline = clock.begin(.connection)
        do {
            var bootstrap = ClientBootstrap(group: executor.eventLoop)
            if let source = routing.source { bootstrap = bootstrap.bind(to: source.socketAddress(port: 0)) }
            let channel =
                try await bootstrap
                .resolver(resolver)
                .connectTimeout(TimeAmount(deadline.left))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try StreamOptions.apply(to: channel, kind: .tcp, self.options.keepalive)
                        try routing.bindToDevice(channel)
                        try addHandlers(channel)
                    }
                }
                .connect(host: hostAndPort.host, port: hostAndPort.port)
                .get()
            let peer = channel.remoteAddress.map { "\($0.numericDescription)" } ?? "\(hostAndPort)"
            self.steps.reached(.connected(to: peer), since: start)
            return channel
        } catch ChannelError.connectTimeout {
            throw deadline.expired(in: .connection)
        } catch {
            for failed in (error as? NIOConnectionError)?.connectionErrors ?? [] {
                let reason = EndpointError(connecting: failed.error, clock)
                self.steps.log.debug("\(self.steps.name): \(failed.target.numericDescription): \(reason)")
            }
            throw EndpointError(connecting: error, clock)
        }
    }

    /// An address in place of a name is its own answer, without a thread that may wait.
    private func resolver(of host: HostAndPort, on executor: EventLoopExecutor, _ rules: DialRules) -> NameResolver {
        let start = NIODeadline.now()
        return NameResolver(
            eventLoop: executor.eventLoop,
            threads: self.loops.resolving,
            family: self.options.routing.source?.addressFamily ?? self.options.family,
            known: self.options.routing.addresses(of: host) ?? IPAddress(host.host[...]).map { [$0] },
            permits: rules.permits
        ) { addresses in
            // An address that was given as such is no news.
            let list = addresses.compactMap(\.ipAddress)
            guard list != [host.host] else { return }
            self.steps.reached(.resolved(host: host.host, addresses: list), since: start)
        }
    }

    // MARK: Unix sockets

    /// - Parameter addHandlers: called once, before a byte can be read.
    func connect(
        toUnix path: String,
        on executor: EventLoopExecutor,
        _ clock: OpeningClock,
        _ addHandlers: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> any Channel {
        let start = NIODeadline.now()
        let deadline = clock.begin(.connection)
        do {
            let socket = try await self.connectedSocket(path, on: executor, until: deadline)
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
            throw EndpointError(connecting: error, clock)
        }
    }

    /// Nothing tells when there is room in the queue of a Unix socket, so it is tried again and again.
    private func connectedSocket(
        _ path: String,
        on executor: EventLoopExecutor,
        until deadline: OpeningDeadline
    ) async throws -> CInt {
        var pause = Self.firstPause
        while true {
            do {
                return try UnixSocket.connect(to: path)
            } catch let error as IOError where error.errnoCode == EAGAIN {
                guard deadline.end > .now() else { throw deadline.expired(in: .connection) }
                let some = TimeAmount.nanoseconds(.random(in: pause.nanoseconds / 2...pause.nanoseconds))
                try await executor.eventLoop.scheduleTask(in: some) {}.futureResult.get()
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    private static let firstPause = TimeAmount.milliseconds(5)
    private static let longestPause = TimeAmount.milliseconds(320)
}
