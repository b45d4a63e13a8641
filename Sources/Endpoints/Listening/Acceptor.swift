// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOConcurrencyHelpers
import NIOCore
import TLSEngine

/// Prepares the channels that a listener accepts, and starts a task for each.
struct Acceptor: Sendable {
    private struct State {
        var options: LinkOptions
        var tls: TLSServer?
    }

    private let address: Address
    private let loops: EventLoops
    private let state: NIOLockedValueBox<State>
    private let log: Logger
    private let serve: @Sendable (IncomingConnection) async -> Void
    /// Those that the listener's channel still has a hand in.
    let onTheirWay = Arrivals()
    private let unserved: Arrivals
    private let memoryRelease: MemoryRelease

    /// - Parameter unserved: Counts connections until `serve` is called.
    init(
        _ address: Address,
        loops: EventLoops,
        options: LinkOptions,
        log: Logger,
        unserved: Arrivals,
        serve: @escaping @Sendable (IncomingConnection) async -> Void
    ) throws(EndpointError) {
        self.address = address
        self.loops = loops
        self.memoryRelease = MemoryRelease(loops)
        self.log = log
        let tls = address.needsCertificate ? try Self.tlsServer(options) : nil
        self.state = NIOLockedValueBox(State(options: options, tls: tls))
        self.unserved = unserved
        self.serve = serve
    }

    /// Reads certificates anew.
    ///
    /// - Returns: what has connections that are accepted from then on use `options`.
    /// - Throws: when a file can't be used; nothing has changed then.
    func prepareUpdate(_ options: LinkOptions) throws(EndpointError) -> @Sendable () -> Void {
        let tls = self.address.needsCertificate ? try Self.tlsServer(options) : nil
        return { [state] in state.withLockedValue { $0 = State(options: options, tls: tls) } }
    }

    /// Looks whether somebody has renewed certificates; it blocks while it reads them.
    func lookForNewCertificates() {
        let name = "\(self.address)"
        switch self.state.withLockedValue({ $0.tls })?.look() {
        case .loaded?: self.log.notice("\(name): certificates loaded again")
        case .refused(let error)?: self.log.error("\(name): \(error); the old certificate stays")
        case .unchanged?, nil: break
        }
    }

    private var options: LinkOptions { self.state.withLockedValue { $0.options } }

    /// A connection is there. `prepare` is called for it on its own event loop.
    func countArrival() {
        self.onTheirWay.add()
        self.unserved.add()
    }

    /// Call on the channel's event loop, before it is active.
    func prepare(_ channel: any Channel) throws {
        let starter = ConnectionStarter(onTheirWay: self.onTheirWay, unserved: self.unserved, start: self.start)
        do {
            try channel.pipeline.syncOperations.addHandler(starter)
        } catch {
            self.onTheirWay.remove()
            self.unserved.remove()
            throw error
        }
        self.memoryRelease.countConnection(channel)
        let kind = self.address.streamKind
        try StreamOptions.apply(to: channel, kind: kind, self.options.keepalive)
        let pipeline = channel.pipeline.syncOperations
        try self.addProxyHeaderHandler(to: channel, before: starter)
        if let tls = self.state.withLockedValue({ $0.tls }) {
            try pipeline.addHandlers(ReadBufferKeeper(), TLSHandler(context: tls.context, peerName: nil))
        }
        if self.address.isWebSocket {
            let options = self.options
            try WireTap.add(to: channel, name: "\(self.address)", isClient: false, options: options)
            try HandshakePipeline.addServer(to: channel, headLimit: options.headLimit)
        } else {
            try pipeline.addHandler(ChannelStream(channel: channel, kind: kind))
        }
    }

    /// Before all others, since TLS and HTTP begin behind the header.
    private func addProxyHeaderHandler(to channel: any Channel, before starter: ConnectionStarter) throws {
        let (trusted, timeLimit) = self.state.withLockedValue {
            ($0.options.proxyProtocol.acceptedFrom, $0.options.handshakeTimeout)
        }
        guard !trusted.isEmpty else { return }
        let peer = channel.remoteAddress
        let refuse = { @Sendable [address, log] (error: ProxyHeaderError) in
            let name = "\(address.withPort(channel.localAddress?.port))"
            let from = peer.flatMap(IPAddress.init) == nil ? "" : " from \(peer?.numericDescription ?? "")"
            log.warning("\(name)\(from): refused: \(error)")
        }
        let handler: any ChannelHandler & Sendable =
            trusted.contain(peer)
            ? ProxyHeaderHandler(timeLimit: TimeAmount(timeLimit), onFailure: refuse)
            : ProxyHeaderRefusal(onFailure: refuse)
        try channel.pipeline.syncOperations.addHandler(handler, position: .before(starter))
    }

    private func start(_ channel: any Channel, _ header: ProxyHeader?) {
        let executor = self.loops.executor(for: channel.eventLoop)
        let connection = IncomingConnection(
            address: self.address,
            channel: channel,
            proxyHeader: header,
            executor: executor,
            options: self.options,
            log: self.log
        )
        let serve = self.serve
        Task.detached(executorPreference: executor) { await serve(connection) }
    }

    private static func tlsServer(_ options: LinkOptions) throws(EndpointError) -> TLSServer {
        guard let configuration = TLSServerConfiguration(options) else {
            throw .listenFailed(reason: "wss-listen has no certificate", hint: "give --cert and --key")
        }
        do throws(TLSError) {
            return try TLSServer(configuration)
        } catch {
            throw .tls(error)
        }
    }
}
