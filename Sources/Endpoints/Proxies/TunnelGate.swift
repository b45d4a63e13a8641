// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Keeps what a target says through a proxy, its end included, until the handlers that shall hear it are in place.
final class TunnelGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var received = CircularBuffer<ByteBuffer>()
    private var hasEnded = false
    private var error: (any Error)?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.received.append(self.unwrapInboundIn(data))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: self.hasEnded = true
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = error
    }

    /// Puts handlers behind the gate, lets all pass to them, and goes.
    ///
    /// - Throws: The error of the connection, if it has broken meanwhile.
    func open(_ channel: any Channel, _ addHandlers: (any Channel) throws -> Void) throws {
        if let error { throw error }
        try addHandlers(channel)
        channel.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
        let hasReceived = !self.received.isEmpty
        while let bytes = self.received.popFirst() { context.fireChannelRead(self.wrapInboundOut(bytes)) }
        if hasReceived { context.fireChannelReadComplete() }
        if self.hasEnded { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        context.leavePipeline(removalToken: removalToken)
    }
}
