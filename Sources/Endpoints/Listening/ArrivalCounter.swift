// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Sees each connection that a listener's channel accepts.
final class ArrivalCounter: ChannelInboundHandler, Sendable {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let onArrival: @Sendable () -> Void

    init(onArrival: @escaping @Sendable () -> Void) {
        self.onArrival = onArrival
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.onArrival()
        context.fireChannelRead(data)
    }
}
