// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import TLSEngine

/// Speaks SOCKS with a proxy until it has connected. What lies behind its last answer goes on when this is removed.
///
/// NIOSOCKS knows no authentication, and reads only where a channel reads by itself.
///
/// `@unchecked Sendable` holds because all members are used on the channel's event loop only.
final class SOCKSHandler: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var handshake: SOCKSHandshake
    private var context: ChannelHandlerContext?
    private var received = ByteBuffer()
    private var result: Result<Void, any Error>?
    private var waiter: CheckedContinuation<Void, any Error>?

    init(_ handshake: SOCKSHandshake) {
        self.handshake = handshake
    }

    /// - Throws: `EndpointError`, or the error of the channel.
    func connect() async throws {
        if let result { return try result.get() }
        guard let context else { throw EndpointError.socks(.closed) }
        do {
            let greeting = try self.handshake.start()
            context.writeAndFlush(self.wrapOutboundOut(greeting), promise: nil)
        } catch {
            throw EndpointError.socks(error)
        }
        context.read()
        return try await withCheckedThrowingContinuation { self.waiter = $0 }
    }

    /// It took too long.
    func timedOut(_ error: EndpointError) {
        self.finish(.failure(error))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
        if self.received.readableBytes > 0 { context.fireChannelRead(self.wrapInboundOut(self.received)) }
        self.received = ByteBuffer()
        context.leavePipeline(removalToken: removalToken)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        self.received.writeBuffer(&bytes)
        guard self.result == nil else { return }
        do {
            while true {
                switch try self.handshake.received(&self.received) {
                case .wait: return
                case .send(let bytes): context.writeAndFlush(self.wrapOutboundOut(bytes), promise: nil)
                case .established: return self.finish(.success(()))
                }
            }
        } catch {
            self.finish(.failure(EndpointError.socks(error)))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.result == nil { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed = event as? ChannelEvent { self.finish(.failure(EndpointError.socks(.closed))) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.finish(.failure(EndpointError.connectFailed(reason: "\(StreamError(error))")))
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.finish(.failure(EndpointError.socks(.closed)))
        context.fireChannelInactive()
    }

    private func finish(_ result: Result<Void, any Error>) {
        guard self.result == nil else { return }
        self.result = result
        self.waiter?.resume(with: result)
        self.waiter = nil
    }
}
