// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOConcurrencyHelpers
import NIOCore
import TLSEngine

/// Prepares the channels that a listener accepts, and starts a task for each.
struct Acceptor: Sendable {
    private let address: Address
    private let loops: EventLoops
    private let options: NIOLockedValueBox<LinkOptions>
    private let log: Logger
    private let tls: TLSContext?
    private let serve: @Sendable (IncomingConnection) async -> Void

    init(
        _ address: Address,
        loops: EventLoops,
        options: LinkOptions,
        log: Logger,
        serve: @escaping @Sendable (IncomingConnection) async -> Void
    ) throws(EndpointError) {
        self.address = address
        self.loops = loops
        self.options = NIOLockedValueBox(options)
        self.log = log
        self.tls = address.needsCertificate ? try Self.tlsContext(options) : nil
        self.serve = serve
    }

    /// For connections that are accepted from now on.
    func update(_ options: LinkOptions) {
        self.options.withLockedValue { $0 = options }
    }

    /// Call on the channel's event loop, before it is active.
    func prepare(_ channel: any Channel) throws {
        let kind = self.address.streamKind
        try StreamOptions.apply(to: channel, kind: kind, self.options.withLockedValue { $0.keepalive })
        let pipeline = channel.pipeline.syncOperations
        try self.addProxyHeaderHandler(to: channel)
        try pipeline.addHandler(ConnectionStarter(start: self.start))
        if let tls { try pipeline.addHandlers(ReadBufferKeeper(), TLSHandler(context: tls, peerName: nil)) }
        if self.address.isWebSocket {
            try HandshakePipeline.addServer(to: channel, headLimit: self.options.withLockedValue { $0.headLimit })
        } else {
            try pipeline.addHandler(ChannelStream(channel: channel, kind: kind))
        }
    }

    /// Before all others, since TLS and HTTP begin behind the header.
    private func addProxyHeaderHandler(to channel: any Channel) throws {
        let (trusted, timeLimit) = self.options.withLockedValue { ($0.proxyProtocol.acceptedFrom, $0.handshakeTimeout) }
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
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    private func start(_ channel: any Channel, _ header: ProxyHeader?) {
        let executor = self.loops.executor(for: channel.eventLoop)
        let connection = IncomingConnection(
            address: self.address,
            channel: channel,
            proxyHeader: header,
            executor: executor,
            options: self.options.withLockedValue { $0 },
            log: self.log
        )
        let serve = self.serve
        Task.detached(executorPreference: executor) { await serve(connection) }
    }

    private static func tlsContext(_ options: LinkOptions) throws(EndpointError) -> TLSContext {
        guard let identity = options.tls.identity else {
            throw .listenFailed(reason: "wss-listen has no certificate", hint: "give --cert and --key")
        }
        do throws(TLSError) {
            return try TLSContext(
                server: TLSServerConfiguration(
                    identity: identity,
                    parameters: options.tls.parameters,
                    clientAuthorityFile: options.clientAuthorityFile
                )
            )
        } catch {
            throw .tls(error)
        }
    }
}
