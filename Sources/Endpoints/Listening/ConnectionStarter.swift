// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Calls back once an accepted channel is active and its other handlers know it.
///
/// `@unchecked Sendable` holds because all members are used on the channel's event loop only.
final class ConnectionStarter: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    private enum Phase {
        /// The listener's channel still has a hand in it.
        case accepted
        /// Its event loop has it.
        case registered
        case started
    }

    private var phase = Phase.accepted
    private let onTheirWay: Arrivals
    private let unserved: Arrivals
    private let start: @Sendable (any Channel, ProxyHeader?) -> Void
    /// What the proxy in front of us has said, if there is one.
    private var header: ProxyHeader?

    /// - Parameters:
    ///   - onTheirWay: Counts it until its event loop has it.
    ///   - unserved: Counts it until `start` has been called, or until it is over.
    init(
        onTheirWay: Arrivals,
        unserved: Arrivals,
        start: @escaping @Sendable (any Channel, ProxyHeader?) -> Void
    ) {
        self.onTheirWay = onTheirWay
        self.unserved = unserved
        self.start = start
    }

    func channelRegistered(context: ChannelHandlerContext) {
        switch self.phase {
        case .accepted:
            self.phase = .registered
            self.onTheirWay.remove()
        case .registered, .started:
            break
        }
        context.fireChannelRegistered()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let header = event as? ProxyHeader else { return context.fireUserInboundEventTriggered(event) }
        self.header = header
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        self.phase = .started
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        self.start(context.channel, self.header)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        switch self.phase {
        case .accepted:
            self.onTheirWay.remove()
            self.unserved.remove()
        case .registered:
            self.unserved.remove()
        case .started:
            // What `start` has begun has run by then up to where it waits for the first time.
            context.eventLoop.execute { [unserved] in unserved.remove() }
        }
    }
}
