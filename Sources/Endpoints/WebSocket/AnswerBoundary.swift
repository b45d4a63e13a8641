// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Keeps what lies behind the head of a 101, or of a proxy's 2xx, from the HTTP decoder, which would lose it if the peer's
/// end came with it. Whoever puts the stream in place takes it; else it goes on when this handler is removed.
final class AnswerBoundary: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// An answer that is no 101 goes on and on, in a form that the decoder keeps to itself, such as a chunk's size.
    struct AnswerTooLong: Error {
        /// Of the head, in bytes.
        var headLimit: Int
    }

    /// Set by whoever has seen the head: what follows are frames.
    var isUpgraded = false
    private var isTaken = false
    private var count = 0
    private let headLimit: Int
    private var matched = 0
    /// Behind the heads so far; whoever gets the last head may take them, and this handler away, at once.
    private var rest = ByteBuffer()
    /// Of a refusal's body only the first bytes are shown.
    private static let bodyLimit = 16 << 10
    private static let endOfHead = Array("\r\n\r\n".utf8)

    /// - Parameter headLimit: how many bytes the head may have.
    init(headLimit: Int) {
        self.headLimit = headLimit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isTaken else { return context.fireChannelRead(data) }
        var bytes = self.unwrapInboundIn(data)
        self.rest.writeBuffer(&bytes)
        while !self.isUpgraded, self.rest.readableBytes > 0 {
            // Up to the end of a head, or of the bytes.
            let length = self.lengthOfHead(in: self.rest.readableBytesView)
            guard let head = self.rest.readSlice(length: length) else { return }
            self.count += length
            guard self.count <= self.headLimit + Self.bodyLimit else {
                return context.fireErrorCaught(AnswerTooLong(headLimit: self.headLimit))
            }
            context.fireChannelRead(self.wrapInboundOut(head))
        }
    }

    /// What has come behind the head; from now on everything passes.
    func takeFrames() -> ByteBuffer {
        self.isTaken = true
        defer { self.rest = ByteBuffer() }
        return self.rest
    }

    func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
        let rest = self.takeFrames()
        if rest.readableBytes > 0 { context.fireChannelRead(self.wrapInboundOut(rest)) }
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
