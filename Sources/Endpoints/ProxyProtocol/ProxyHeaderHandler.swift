// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Takes the PROXY header off a connection from a trusted network, and has the other handlers see the connection only
/// then: TLS and HTTP begin behind the header.
///
/// A ``ProxyHeader`` goes up as a user event, before `channelActive`. Bytes behind it follow.
///
/// `@unchecked Sendable` holds because all members are used on the channel's event loop only.
final class ProxyHeaderHandler: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum State {
        case waiting
        /// The header is known, or the connection is given up.
        case done
    }

    private var state = State.waiting
    private var received = ByteBuffer()
    private var timer: Scheduled<Void>?
    private let timeLimit: TimeAmount
    private let onFailure: @Sendable (ProxyHeaderError) -> Void

    /// - Parameter onFailure: called once, when the connection is closed for want of a header. A peer that goes away
    ///   before it has sent a byte is none: balancers do so to see whether somebody listens.
    init(timeLimit: TimeAmount, onFailure: @escaping @Sendable (ProxyHeaderError) -> Void) {
        self.timeLimit = timeLimit
        self.onFailure = onFailure
    }

    func channelActive(context: ChannelHandlerContext) {
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: self.timeLimit) {
            self.fail(context, .timedOut)
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.state {
        case .done: return context.fireChannelRead(data)
        case .waiting: break
        }
        self.received.writeImmutableBuffer(self.unwrapInboundIn(data))
        do throws(ProxyHeaderError) {
            guard let header = try ProxyHeaderParser.next(in: &self.received) else { return }
            self.state = .done
            self.timer?.cancel()
            context.fireUserInboundEventTriggered(header)
            context.fireChannelActive()
            let rest = self.received
            self.received = ByteBuffer()
            if rest.readableBytes > 0 { context.fireChannelRead(self.wrapInboundOut(rest)) }
        } catch {
            self.fail(context, error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        switch self.state {
        case .waiting:
            context.read()
        case .done:
            context.fireChannelReadComplete()
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch (self.state, event as? ChannelEvent) {
        case (.waiting, .inputClosed?):
            if self.received.readableBytes > 0 {
                self.fail(context, .malformed("its end missing"))
            } else {
                self.state = .done
                context.close(promise: nil)
            }
        case (.waiting, _), (.done, _):
            context.fireUserInboundEventTriggered(event)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.timer?.cancel()
    }

    private func fail(_ context: ChannelHandlerContext, _ error: ProxyHeaderError) {
        switch self.state {
        case .done: return
        case .waiting: self.state = .done
        }
        self.timer?.cancel()
        self.onFailure(error)
        context.close(promise: nil)
    }
}
