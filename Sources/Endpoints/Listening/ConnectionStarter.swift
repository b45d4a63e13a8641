// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Calls back once an accepted channel is active and its other handlers know it.
///
/// `@unchecked Sendable` holds because it has no mutable state.
final class ConnectionStarter: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    private let start: @Sendable (any Channel) -> Void

    init(start: @escaping @Sendable (any Channel) -> Void) {
        self.start = start
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        self.start(context.channel)
    }
}
