// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Lets through only so many bytes of a request or an answer before its head is complete.
final class HeadLimiter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The header block is too large: HTTP 431 for a request.
    struct HeadTooLarge: Error {
        /// In bytes.
        var limit: Int
    }

    /// Set by whoever has seen the head: what follows is not counted.
    var isHeadComplete = false
    private var count = 0
    private let limit: Int

    /// - Parameter limit: bytes of the first line and the header fields that are accepted.
    init(limit: Int) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        guard !self.isHeadComplete, self.count < self.limit,
            let allowed = bytes.readSlice(length: min(bytes.readableBytes, self.limit - self.count))
        else { return self.overflow(bytes, context) }
        self.count += allowed.readableBytes
        context.fireChannelRead(self.wrapInboundOut(allowed))
        if bytes.readableBytes > 0 { self.overflow(bytes, context) }
    }

    private func overflow(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        if self.isHeadComplete {
            context.fireChannelRead(self.wrapInboundOut(bytes))
        } else {
            context.fireErrorCaught(HeadTooLarge(limit: self.limit))
        }
    }
}
