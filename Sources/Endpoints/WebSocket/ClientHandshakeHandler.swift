// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOHTTP1
import TLSEngine
import WebSocketCore

/// Sends the client's request, to a server or to a proxy, and waits for the answer, and of a refusal for the first bytes
/// of its body.
///
/// `@unchecked Sendable` holds because all members are used on the channel's event loop only.
final class ClientHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// A complete answer, or as much as there is of a refusal.
    struct Answer {
        var head: HTTPResponseHead
        var body: ByteBuffer

        var retryAfter: Duration? {
            self.head.headers.first(name: "Retry-After").flatMap { RetryAfter.duration($0, at: time(nil)) }
        }
    }

    /// What is asked for, and so which answer ends HTTP on this connection.
    enum Purpose {
        /// 101.
        case webSocket
        /// CONNECT: any 2xx, whose head nothing of HTTP follows, whatever it says (RFC 9110 §9.3.6).
        case tunnel
    }

    private enum State {
        case waiting
        case reading(Answer)
        case finished(Result<Answer, any Error>)
    }

    private var context: ChannelHandlerContext?
    private var state = State.waiting
    private var waiter: CheckedContinuation<Answer, any Error>?
    /// Told once TLS is in place, at once if it is by then.
    var onSecured: ((TLSHandshakeCompleted) -> Void)? {
        didSet { if let tls { self.onSecured?(tls) } }
    }
    private var tls: TLSHandshakeCompleted?
    /// TLS is in place.
    var isSecured: Bool { self.tls != nil }
    private let purpose: Purpose

    init(for purpose: Purpose) {
        self.purpose = purpose
    }

    /// - Throws: `EndpointError`, or the error of the channel.
    func ask(_ handshake: ClientHandshake) async throws -> Answer {
        let headers = HTTPHeaders(handshake.headers.fields.map { ($0.name, $0.value) })
        return try await self.ask(
            HTTPRequestHead(version: .http1_1, method: .GET, uri: handshake.uri, headers: headers)
        )
    }

    /// - Throws: `EndpointError`, or the error of the channel.
    func ask(_ head: HTTPRequestHead) async throws -> Answer {
        if case .finished(let result) = self.state { return try result.get() }
        guard let context else { throw self.closed }
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        context.read()
        return try await withCheckedThrowingContinuation { self.waiter = $0 }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (self.unwrapInboundIn(data), self.state) {
        case (.head(let head), .waiting):
            try? context.pipeline.syncOperations.handler(type: HeadLimiter.self).isHeadComplete = true
            if self.endsHTTP(head.status) {
                try? context.pipeline.syncOperations.handler(type: AnswerBoundary.self).isUpgraded = true
            }
            self.state = .reading(Answer(head: head, body: ByteBuffer()))
            // To the decoder it is an answer like any other, and may have a body without an end.
            if self.purpose == .tunnel, self.endsHTTP(head.status) { self.ended() }
        case (.body(var bytes), .reading(var answer)):
            let room = HTTPRefusal.bodyLimit - answer.body.readableBytes
            if var part = bytes.readSlice(length: min(room, bytes.readableBytes)) { answer.body.writeBuffer(&part) }
            self.state = .reading(answer)
            if answer.body.readableBytes >= HTTPRefusal.bodyLimit { self.finish(.success(answer)) }
        case (.end, .reading(let answer)):
            self.finish(.success(answer))
        case (.head, _), (.body, _), (.end, _):
            break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        switch self.state {
        case .waiting, .reading: context.read()
        case .finished: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as TLSHandshakeCompleted:
            self.tls = event
            self.onSecured?(event)
        case ChannelEvent.inputClosed: self.ended()
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // However the body of a refusal ends, its head says what is wrong.
        if case .reading = self.state { return self.ended() }
        switch error {
        case let error as TLSError: self.finish(.failure(EndpointError.tls(error)))
        case HTTPParserError.invalidEOFState:
            self.finish(.failure(self.closed))
        case let error as HTTPParserError:
            self.finish(.failure(EndpointError.notHTTP(reason: error.debugDescription)))
        case let error as AnswerBoundary.AnswerTooLong:
            self.finish(.failure(EndpointError.headTooLarge(limit: error.headLimit)))
        case let error as HeadLimiter.HeadTooLarge:
            self.finish(.failure(EndpointError.headTooLarge(limit: error.limit)))
        case is ByteToMessageDecoderError: self.finish(.failure(self.closed))
        default: self.finish(.failure(EndpointError.connectFailed(reason: "\(StreamError(error))")))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.ended()
        context.fireChannelInactive()
    }

    private func endsHTTP(_ status: HTTPResponseStatus) -> Bool {
        switch self.purpose {
        case .webSocket: status == .switchingProtocols
        case .tunnel: 200...299 ~= status.code
        }
    }

    /// It took too long: a refusal's head is enough then.
    func timedOut(_ error: EndpointError) {
        switch self.state {
        case .waiting: self.finish(.failure(error))
        case .reading(let answer): self.finish(.success(answer))
        case .finished: break
        }
    }

    private func ended() {
        switch self.state {
        case .waiting: self.finish(.failure(self.closed))
        case .reading(let answer): self.finish(.success(answer))
        case .finished: break
        }
    }

    private var closed: EndpointError { .closedDuringHandshake(isSecure: self.isSecured) }

    private func finish(_ result: Result<Answer, any Error>) {
        if case .finished = self.state { return }
        self.state = .finished(result)
        self.waiter?.resume(with: result)
        self.waiter = nil
    }
}
