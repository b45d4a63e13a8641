// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded

@testable import TLSEngine

/// One end of a connection with TLS: a wire, TLS, and a user who keeps what comes.
final class TLSPeer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let wire = Wire()
    let channel: EmbeddedChannel
    private let tls: TLSHandler
    private(set) var received: [UInt8] = []
    private(set) var hasCompleted = false
    private(set) var hasInputEnded = false
    private(set) var errors: [any Error] = []
    private var deliveries = 0

    /// Two records and what is made of them, and a piece that was just delivered.
    private static let heldLimit = 128 * 1024

    init(_ context: TLSContext, name: String?, on loop: EmbeddedEventLoop) throws {
        self.tls = TLSHandler(context: context, peerName: name)
        self.channel = try EmbeddedChannel.connected(over: self.wire, on: loop)
        try self.channel.pipeline.syncOperations.addHandlers([self.tls, self])
    }

    /// - Throws: when it holds more than it may, or fails other than it should.
    func deliver(_ bytes: ByteBuffer) throws {
        self.channel.deliver(bytes)
        self.deliveries += 1
        // Looking takes longer than all the rest.
        guard self.deliveries.isMultiple(of: 16) || bytes.readableBytes >= 4096 else { return }
        let held = heldBytes(in: self.tls)
        try promise(held <= Self.heldLimit + bytes.readableBytes, "TLS holds \(held) bytes")
    }

    func check() throws {
        for error in self.errors {
            try promise(error is TLSError, "TLS fails with a TLSError: \(error)")
            try promiseOneLine("\(error)")
        }
        try promise(self.errors.count <= 1, "it fails once: \(self.errors)")
        try promise(self.hasCompleted || self.received.isEmpty, "no plaintext comes before the handshake's end")
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.received += self.unwrapInboundIn(data).readableBytesView
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted { self.hasCompleted = true }
        if case .inputClosed = event as? ChannelEvent { self.hasInputEnded = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.errors.append(error)
    }
}
