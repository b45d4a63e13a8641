// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Lets a connection through, unless it begins with a PROXY header: one from a network that is not trusted is an
/// attempt to come in under another address, or a proxy that was forgotten in the configuration.
///
/// `@unchecked Sendable` holds because all members are used on the channel's event loop only.
final class ProxyHeaderRefusal: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum State {
        case deciding
        case passing
        case refused
    }

    private var state = State.deciding
    /// What may still become a header.
    private var received = ByteBuffer()
    private let onFailure: @Sendable (ProxyHeaderError) -> Void

    init(onFailure: @escaping @Sendable (ProxyHeaderError) -> Void) {
        self.onFailure = onFailure
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.state {
        case .passing: return context.fireChannelRead(data)
        case .refused: return
        case .deciding: self.received.writeImmutableBuffer(self.unwrapInboundIn(data))
        }
        switch ProxyHeaderParser.recognise(self.received.readableBytesView) {
        case .undecided:
            break
        case .header:
            self.state = .refused
            self.onFailure(.untrusted)
            context.close(promise: nil)
        case .other:
            self.pass(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        switch self.state {
        case .deciding:
            // Whoever asked for bytes has not got any.
            if self.received.readableBytes > 0 { context.read() }
        case .passing:
            context.fireChannelReadComplete()
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        case .refused:
            break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed = event as? ChannelEvent, case .deciding = self.state { self.pass(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func pass(_ context: ChannelHandlerContext) {
        self.state = .passing
        let bytes = self.received
        self.received = ByteBuffer()
        if bytes.readableBytes > 0 { context.fireChannelRead(self.wrapInboundOut(bytes)) }
    }
}
