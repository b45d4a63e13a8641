// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// One request, one answer, then the end: Prometheus and balancers ask seldom, and nothing is left open.
///
/// `@unchecked Sendable` holds because all members are used on the channel's event loop only.
final class MonitorHandler: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// How long a client may take for its request, and then to take the answer.
    private let timeLimit: TimeAmount
    private let answer: @Sendable (MonitorAnswer.Question) async -> MonitorAnswer
    private var head: HTTPRequestHead?
    private var isAnswered = false
    private var timer: Scheduled<Void>?

    init(timeLimit: TimeAmount, answer: @escaping @Sendable (MonitorAnswer.Question) async -> MonitorAnswer) {
        self.timeLimit = timeLimit
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        self.limitTime(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.timer?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        // The answer does not depend on a body, so it is not waited for.
        case .head(let head): self.receive(head, context)
        case .body, .end: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed = event as? ChannelEvent, self.head == nil || self.isAnswered {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError, self.head == nil {
            self.respond(MonitorAnswer(.badRequest, "not a request that can be read\n"), isHead: false, context)
        } else {
            context.close(promise: nil)
        }
    }

    private func receive(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard self.head == nil, !self.isAnswered else { return }
        self.head = head
        let isHead = head.method == .HEAD
        switch MonitorAnswer.question(method: head.method, target: head.uri) {
        case .failure(let refusal):
            self.respond(refusal.answer, isHead: isHead, context)
        case .success(let question):
            let answer = self.answer
            let promise = context.eventLoop.makePromise(of: MonitorAnswer.self)
            promise.completeWithTask { await answer(question) }
            promise.futureResult.assumeIsolated().whenSuccess { self.respond($0, isHead: isHead, context) }
        }
    }

    private func respond(_ answer: MonitorAnswer, isHead: Bool, _ context: ChannelHandlerContext) {
        guard !self.isAnswered, context.channel.isActive else { return }
        self.isAnswered = true
        var headers: HTTPHeaders = [
            "Content-Type": answer.mediaType, "Content-Length": "\(answer.body.utf8.count)",
            "Cache-Control": "no-store",
            "Connection": "close",
        ]
        if let allowed = answer.allowed { headers.add(name: "Allow", value: allowed) }
        let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        if !isHead {
            context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
        }
        // Ended in this direction only: unread input would turn a close into a reset, which destroys the answer.
        let end = context.eventLoop.makePromise(of: Void.self)
        end.futureResult.assumeIsolated().whenComplete { _ in context.close(mode: .output, promise: nil) }
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: end)
        self.limitTime(context)
    }

    private func limitTime(_ context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: self.timeLimit) { context.close(promise: nil) }
    }
}
