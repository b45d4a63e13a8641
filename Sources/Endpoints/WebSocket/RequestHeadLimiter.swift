// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Lets through no more than 16 KiB of a request before its head is complete.
final class RequestHeadLimiter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The request's header block is too large (HTTP 431).
    struct HeadTooLarge: Error {}

    /// Set by whoever has seen the head: what follows is not counted.
    var isHeadComplete = false
    private var count = 0
    /// Bytes of request line and header fields that are accepted.
    static let limit = 16 * 1024

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        guard !self.isHeadComplete, self.count < Self.limit,
            let allowed = bytes.readSlice(length: min(bytes.readableBytes, Self.limit - self.count))
        else { return self.overflow(bytes, context) }
        self.count += allowed.readableBytes
        context.fireChannelRead(self.wrapInboundOut(allowed))
        if bytes.readableBytes > 0 { self.overflow(bytes, context) }
    }

    private func overflow(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        if self.isHeadComplete {
            context.fireChannelRead(self.wrapInboundOut(bytes))
        } else {
            context.fireErrorCaught(HeadTooLarge())
        }
    }
}
