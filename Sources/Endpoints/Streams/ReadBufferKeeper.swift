// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Lends read buffers again where a `TLSHandler` stands between the socket and its `ChannelStream`.
///
/// `@unchecked Sendable` holds because all members are used on the channel's event loop only.
final class ReadBufferKeeper: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    private var readBuffers: ReadBuffers?

    func handlerAdded(context: ChannelHandlerContext) {
        self.readBuffers = .current
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.readBuffers?.keep(self.unwrapInboundIn(data))
        context.fireChannelRead(data)
    }
}
