// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded

/// Stands for the socket below a pipeline: keeps what goes out, and that one direction was closed, which an
/// `EmbeddedChannel` takes for both.
final class Wire: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var written = ByteBuffer()
    private(set) var hasOutputEnded = false

    func takeWritten() -> ByteBuffer {
        defer { self.written = ByteBuffer() }
        return self.written
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        self.written.writeImmutableBuffer(self.unwrapOutboundIn(data))
        promise?.succeed()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output:
            self.hasOutputEnded = true
            promise?.succeed()
        case .input:
            promise?.succeed()
        case .all:
            context.close(mode: .all, promise: promise)
        }
    }
}

extension EmbeddedChannel {
    /// A channel over `wire` that is connected.
    static func connected(over wire: Wire, on loop: EmbeddedEventLoop) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: wire, loop: loop)
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/peer"), promise: nil)
        loop.run()
        return channel
    }

    /// One read of the socket.
    func deliver(_ bytes: ByteBuffer) {
        guard self.isActive else { return }
        self.pipeline.fireChannelRead(bytes)
        self.pipeline.fireChannelReadComplete()
        self.embeddedEventLoop.run()
    }

    /// The peer ends its direction, then TCP ends. Timers that are left are cancelled.
    func end() {
        if self.isActive { self.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        self.embeddedEventLoop.run()
        _ = try? self.finish(acceptAlreadyClosed: true)
        self.embeddedEventLoop.run()
    }
}
