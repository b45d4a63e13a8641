// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Keeps what lies behind the head of a 101 from the HTTP decoder, which would lose it if the peer's end came with it.
/// Whoever puts the stream in place takes it.
final class AnswerBoundary: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Set by whoever has seen the head: what follows are frames.
    var isUpgraded = false
    private var isTaken = false
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
        if self.isTaken {
            context.fireChannelRead(self.wrapInboundOut(bytes))
        } else {
            self.frames.writeBuffer(&bytes)
        }
    }

    /// What has come behind the head; from now on everything passes.
    func takeFrames() -> ByteBuffer {
        defer { self.frames.clear() }
        self.isTaken = true
        return self.frames
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
