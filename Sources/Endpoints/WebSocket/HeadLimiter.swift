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
    /// Behind what the head may have in one read; whoever gets the head may take this handler away meanwhile.
    private var rest: ByteBuffer?

    /// - Parameter limit: bytes of the first line and the header fields that are accepted.
    init(limit: Int) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isHeadComplete else { return context.fireChannelRead(data) }
        var bytes = self.unwrapInboundIn(data)
        let allowed = bytes.readSlice(length: min(bytes.readableBytes, self.limit - self.count)) ?? ByteBuffer()
        self.count += allowed.readableBytes
        self.rest = bytes.readableBytes > 0 ? bytes : nil
        if allowed.readableBytes > 0 { context.fireChannelRead(self.wrapInboundOut(allowed)) }
        guard let rest = self.rest.take() else { return }
        if self.isHeadComplete {
            context.fireChannelRead(self.wrapInboundOut(rest))
        } else {
            context.fireErrorCaught(HeadTooLarge(limit: self.limit))
        }
    }

    func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
        if let rest = self.rest.take() { context.fireChannelRead(self.wrapInboundOut(rest)) }
        context.leavePipeline(removalToken: removalToken)
    }
}
