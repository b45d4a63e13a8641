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
        try StreamOptions.apply(to: channel, kind: kind)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(ConnectionStarter(start: self.start))
        if let tls { try pipeline.addHandlers(ReadBufferKeeper(), TLSHandler(context: tls, peerName: nil)) }
        if self.address.isWebSocket {
            try HandshakePipeline.addServer(to: channel, headLimit: self.options.withLockedValue { $0.headLimit })
        } else {
            try pipeline.addHandler(ChannelStream(channel: channel, kind: kind))
        }
    }

    private func start(_ channel: any Channel) {
        let executor = self.loops.executor(for: channel.eventLoop)
        let connection = IncomingConnection(
            address: self.address,
            channel: channel,
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
