// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Calls back once an accepted channel is active and its other handlers know it.
///
/// `@unchecked Sendable` holds because all members are used on the channel's event loop only.
final class ConnectionStarter: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    private let start: @Sendable (any Channel, ProxyHeader?) -> Void
    /// What the proxy in front of us has said, if there is one.
    private var header: ProxyHeader?

    init(start: @escaping @Sendable (any Channel, ProxyHeader?) -> Void) {
        self.start = start
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let header = event as? ProxyHeader else { return context.fireUserInboundEventTriggered(event) }
        self.header = header
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        self.start(context.channel, self.header)
    }
}
