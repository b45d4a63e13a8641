// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import TLSEngine
import WebSocketCore

/// Waits for one request, and sends the one answer.
///
/// `@unchecked Sendable` holds because all members are used on the channel's event loop only.
final class ServerHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request that can't be read, and the HTTP status that says so.
    struct Malformed: Error {
        var status: HTTPResponseStatus
        var reason: String
    }

    /// The client has gone, or TLS failed.
    struct Gone: Error {
        var reason: String
    }

    private var context: ChannelHandlerContext?
    private var head: HTTPRequestHead?
    /// What the request says.
    var headers: HTTPHeaders { self.head?.headers ?? [:] }
    private var isRefusing = false
    /// The client has ended its direction, which no frame can follow.
    private(set) var hasInputEnded = false {
        didSet { self.onInputEnded?() }
    }
    /// Told that, at once if it is so by then.
    var onInputEnded: (@Sendable () -> Void)? {
        didSet { if self.hasInputEnded { self.onInputEnded?() } }
    }
    /// What TLS came to.
    private(set) var tls: TLSHandshakeCompleted? {
        didSet { if let tls { self.onSecured?(tls) } }
    }
    /// Told that, at once if it is so by then.
    var onSecured: (@Sendable (TLSHandshakeCompleted) -> Void)? {
        didSet { if let tls { self.onSecured?(tls) } }
    }
    private var result: Result<HTTPRequestHead, any Error>?
    private var waiter: CheckedContinuation<HTTPRequestHead, any Error>?

    /// - Throws: `Malformed`, which is still to be answered, or `Gone`.
    func request() async throws -> HTTPRequestHead {
        if let result { return try result.get() }
        self.context?.read()
        return try await withCheckedThrowingContinuation { self.waiter = $0 }
    }

    /// Sends HTTP 101.
    func accept(headers: HTTPHeaders) {
        self.respond(.switchingProtocols, headers: headers, body: nil)
    }

    /// Sends an answer with `reason` as its body, and ends the connection so that the answer arrives.
    func refuse(_ status: HTTPResponseStatus, headers: HTTPHeaders, reason: String) {
        guard let context else { return }
        var headers = headers
        headers.replaceOrAdd(name: "Content-Type", value: "text/plain; charset=utf-8")
        headers.replaceOrAdd(name: "Content-Length", value: "\(reason.utf8.count + 1)")
        if !headers.contains(name: "Connection") { headers.add(name: "Connection", value: "close") }
        headers.replaceOrAdd(name: "Date", value: HTTPDate.now)
        self.respond(status, headers: headers, body: self.head?.method == .HEAD ? nil : reason + "\n")
        // Closing with unread input would answer with a reset, which can overtake our answer.
        self.isRefusing = true
        context.close(mode: .output, promise: nil)
        context.read()
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.refusalTime) { context.close(promise: nil) }
    }

    private func respond(_ status: HTTPResponseStatus, headers: HTTPHeaders, body: String?) {
        guard let context else { return }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        if let body { context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil) }
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// How long a refused client may take to end its side.
    private static let refusalTime = TimeAmount.seconds(2)

    /// The client was too slow.
    func timedOut() {
        self.finish(.failure(Malformed(status: .requestTimeout, reason: "the handshake took too long")))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            try? context.pipeline.syncOperations.handler(type: HeadLimiter.self).isHeadComplete = true
            self.head = head
            // A body is not waited for: it is refused.
            let headers = HeaderFields(head.headers.map { ($0.name, $0.value) })
            if headers.fieldThatAnnouncesBody != nil { self.finish(.success(head)) }
        case .body:
            break
        case .end:
            // Not before, since what is to take this handler's place knows no HTTP.
            if let head { self.finish(.success(head)) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.result == nil || self.isRefusing { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let completed = event as? TLSHandshakeCompleted { self.tls = completed }
        if case .inputClosed = event as? ChannelEvent {
            self.hasInputEnded = true
            self.finish(.failure(Gone(reason: "client gone")))
            if self.isRefusing { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as HeadLimiter.HeadTooLarge:
            let limit = error.limit.byteSizeDescription
            let reason = "the request's header block is over the limit of \(limit) (--max-header)"
            self.finish(.failure(Malformed(status: .requestHeaderFieldsTooLarge, reason: reason)))
        case HTTPParserError.headerOverflow:
            self.finish(.failure(Malformed(status: .requestHeaderFieldsTooLarge, reason: "too many header fields")))
        case let error as HTTPParserError:
            self.finish(.failure(Malformed(status: .badRequest, reason: "not HTTP: \(error.debugDescription)")))
        case let error as TLSError:
            self.finish(.failure(Gone(reason: "\(error)")))
        default:
            self.finish(.failure(Gone(reason: "\(StreamError(error))")))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.finish(.failure(Gone(reason: "client gone")))
        context.fireChannelInactive()
    }

    private func finish(_ result: Result<HTTPRequestHead, any Error>) {
        guard self.result == nil else { return }
        self.result = result
        self.waiter?.resume(with: result)
        self.waiter = nil
    }
}
