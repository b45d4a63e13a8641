// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// Writes any request as a CONNECT.
///
/// NIO's decoder looks at requests on their way to the encoder: it takes the body of a refused CONNECT for the next
/// answer, and that of a refused GET for what it is. So to the decoder it is a GET.
final class ConnectRequestEncoder: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = ByteBuffer

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch self.unwrapOutboundIn(data) {
        case .head(let head):
            var bytes = context.channel.allocator.buffer(capacity: 256)
            bytes.writeString("CONNECT \(head.uri) HTTP/1.1\r\n")
            for (name, value) in head.headers { bytes.writeString("\(name): \(value)\r\n") }
            bytes.writeString("\r\n")
            context.write(self.wrapOutboundOut(bytes), promise: promise)
        case .body, .end:
            promise?.succeed()
        }
    }
}
