// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Keeps what lies behind the head of a 101 from the HTTP decoder, which would lose it if the peer's end came with it.
/// Hands it on when it is removed.
final class AnswerBoundary: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Set by whoever has seen the head: what follows are frames.
    var isUpgraded = false
    private var matched = 0
    private var frames = ByteBuffer()
    private static let endOfHead = Array("\r\n\r\n".utf8)

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        while !self.isUpgraded, bytes.readableBytes > 0 {
            // Up to the end of a head, or of the bytes.
            let length = self.lengthOfHead(in: bytes.readableBytesView)
            guard let head = bytes.readSlice(length: length) else { return }
            context.fireChannelRead(self.wrapInboundOut(head))
        }
        self.frames.writeBuffer(&bytes)
    }

    func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
        if self.frames.readableBytes > 0 { context.fireChannelRead(self.wrapInboundOut(self.frames)) }
        context.leavePipeline(removalToken: removalToken)
    }

    private func lengthOfHead(in bytes: ByteBufferView) -> Int {
        for (offset, byte) in bytes.enumerated() {
            self.matched = byte == Self.endOfHead[self.matched] ? self.matched + 1 : byte == Self.endOfHead[0] ? 1 : 0
            if self.matched == Self.endOfHead.count {
                self.matched = 0
                return offset + 1
            }
        }
        return bytes.count
    }
}
