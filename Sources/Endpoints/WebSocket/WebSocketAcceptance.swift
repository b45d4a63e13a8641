// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOHTTP1
import RelayCore
import WebSocketCore

/// The server's opening handshake: request, dial, answer.
struct WebSocketAcceptance {
    let connection: IncomingConnection
    let name: String
    private let start = NIODeadline.now()

    init(connection: IncomingConnection, name: String) {
        self.connection = connection
        self.name = name
    }

    /// What the client's request has come to.
    private enum Outcome {
        case accepted(ServerHandshakeHandler, ServerHandshake, IncomingRequest)
        case over(ConnectionOpening)
    }

    /// A client whose request names the path of the listener's address is connected to what `dial` opens.
    ///
    /// - Returns: `nil` when the client was refused or has gone, which is logged.
    func open(
        keepsMessages: Bool,
        dial: () async throws -> any Endpoint
    ) async throws -> (incoming: any Endpoint, other: any Endpoint)? {
        let outcome = await self.request { target throws(RequestRefusal) in
            guard self.servesPath(of: target) else { throw RequestRefusal(404, "nothing is served at this path") }
        }
        let opening =
            switch outcome {
            case .accepted(let handler, let answer, _):
                try await self.open(handler, answer, keepsMessages: keepsMessages, dial: dial)
            case .over(let opening): opening
            }
        switch opening {
        case .opened(let incoming, let other):
            return (incoming, other)
        case .refused(let status, let reason):
            self.log("refused with HTTP \(status): \(reason)")
        case .gone(let reason):
            self.log(reason)
        }
        return nil
    }

    /// A client is connected to what `admit` lets its request in to.
    func open(
        admit: @Sendable (IncomingRequest) async throws -> Admission
    ) async throws -> ConnectionOpening {
        switch await self.request(check: { _ in }) {
        case .over(let opening):
            return opening
        case .accepted(let handler, let answer, let request):
            let admission: Admission
            do {
                admission = try await admit(request)
            } catch let refusal as RequestRefusal {
                return self.refuse(handler, refusal)
            }
            return try await self.open(
                handler,
                answer,
                keepsMessages: admission.keepsMessages,
                dial: admission.dial
            )
        }
    }

    /// Opens the other end and answers the request.
    private func open(
        _ handler: ServerHandshakeHandler,
        _ answer: ServerHandshake,
        keepsMessages: Bool,
        dial: () async throws -> any Endpoint
    ) async throws -> ConnectionOpening {
        let channel = self.connection.channel
        let other: any Endpoint
        let dialStart = NIODeadline.now()
        do {
            other = try await dial()
        } catch let refusal as RequestRefusal {
            return self.refuse(handler, refusal)
        } catch {
            let reason = (error as? OpeningError)?.reason
            if reason?.isExhaustion == true {
                self.refuseAsBusy(handler, reason: "this machine is out of descriptors")
            } else {
                let status = reason?.isTimeout == true ? HTTPResponseStatus.gatewayTimeout : .badGateway
                handler.refuse(status, headers: [:], reason: Self.noAnswer)
            }
            throw error
        }
        let dialTime = self.time(since: dialStart)
        handler.accept(headers: HTTPHeaders(answer.headers.fields.map { ($0.name, $0.value) }))
        let upgrade = Upgrade(answer.negotiated)
        self.tell("\(upgrade) in \(self.time(since: self.start)), of which the other end took \(dialTime)")
        let stream: ChannelStream
        do {
            stream = try await HandshakePipeline.replaceServer(of: channel, kind: self.connection.address.streamKind)
            guard channel.isActive, !handler.hasInputEnded else {
                throw ServerHandshakeHandler.Gone(reason: "client gone")
            }
        } catch {
            channel.close(promise: nil)
            other.abort(.otherSideFailed)
            try? await other.close()
            return .gone(reason: "client gone during the handshake")
        }
        let options = WebSocketOptions(
            self.connection.options,
            answer.negotiated,
            keepsMessages: keepsMessages,
            isBehindCloudflare: handler.headers.nameCloudflare
        )
        let endpoint = WebSocketEndpoint(
            name: self.name,
            role: .server,
            stream: stream,
            options: options,
            executor: self.connection.executor,
            log: self.connection.log
        )
        return .opened(incoming: endpoint, other: other)
    }

    /// Answers HTTP 503: there are links enough.
    func refuse() async {
        let outcome = await self.request { target throws(RequestRefusal) in
            guard self.servesPath(of: target) else { throw RequestRefusal(404, "nothing is served at this path") }
        }
        switch outcome {
        case .accepted(let handler, _, _):
            self.refuseAsBusy(handler, reason: "there are too many links")
        case .over(.refused(let status, let reason)):
            self.log("refused with HTTP \(status): \(reason)")
        case .over(.gone(let reason)):
            self.log(reason)
        case .over(.opened):
            break
        }
    }

    private func refuseAsBusy(_ handler: ServerHandshakeHandler, reason: String) {
        handler.refuse(.serviceUnavailable, headers: ["Retry-After": "1"], reason: reason)
    }

    private func refuse(_ handler: ServerHandshakeHandler, _ refusal: RequestRefusal) -> ConnectionOpening {
        let headers = HTTPHeaders(refusal.headers.map { ($0.key, $0.value) })
        handler.refuse(HTTPResponseStatus(statusCode: refusal.status), headers: headers, reason: refusal.reason)
        return .refused(status: refusal.status, reason: "\(refusal)")
    }

    private static let noAnswer = "the service behind this address does not answer"

    /// Reads the request and checks it. What can't be accepted is refused here.
    ///
    /// - Parameter check: looks at the target first.
    private func request(check: (String) throws(RequestRefusal) -> Void) async -> Outcome {
        let channel = self.connection.channel
        let handler: ServerHandshakeHandler
        do {
            handler = try channel.pipeline.syncOperations.handler(type: ServerHandshakeHandler.self)
        } catch {
            return .over(.gone(reason: "client gone"))
        }
        handler.onSecured = { tls in
            let text = tls.peerCertificate == nil ? tls.agreement : "\(tls)"
            self.tell("\(text) in \(self.time(since: self.start))")
        }
        let cancel = self.connection.executor.schedule(after: self.connection.options.handshakeTimeout) {
            handler.timedOut()
        }
        defer { cancel() }
        do {
            let request = try await handler.request()
            try check(request.uri)
            let version = request.version
            let headers = HeaderFields(request.headers.map { ($0.name, $0.value) })
            let answer = try ServerHandshake.answer(
                method: request.method.rawValue,
                httpVersion: (major: version.major, minor: version.minor),
                headers: headers,
                supportedSubprotocols: self.connection.options.subprotocols,
                supportsHalfClose: !self.connection.options.keepsMessages,
                compressionWindow: self.connection.options.compressionWindow
            )
            let incoming = IncomingRequest(
                target: request.uri,
                headers: headers,
                source: self.connection.source,
                tls: handler.tls
            )
            return .accepted(handler, answer, incoming)
        } catch let refusal as RequestRefusal {
            return .over(self.refuse(handler, refusal))
        } catch let refusal as HandshakeRefusal {
            let status = HTTPResponseStatus(statusCode: refusal.status, reasonPhrase: refusal.reasonPhrase)
            let headers = HTTPHeaders(refusal.headers.fields.map { ($0.name, $0.value) })
            handler.refuse(status, headers: headers, reason: "\(refusal)")
            return .over(.refused(status: refusal.status, reason: "\(refusal)"))
        } catch let error as ServerHandshakeHandler.Malformed {
            handler.refuse(error.status, headers: [:], reason: error.reason)
            return .over(.refused(status: Int(error.status.code), reason: error.reason))
        } catch let error as ServerHandshakeHandler.Gone {
            channel.close(promise: nil)
            return .over(.gone(reason: error.reason))
        } catch {
            channel.close(promise: nil)
            return .over(.gone(reason: "\(error)"))
        }
    }

    /// A step, with the time since the client connected.
    private func tell(_ step: @autoclosure () -> String) {
        self.connection.log.debug("\(self.name): \(step())")
    }

    private func time(since start: NIODeadline) -> String {
        Duration(NIODeadline.now() - start).measuredDescription
    }

    private func log(_ text: String) {
        self.connection.log.warning("\(self.name): \(text.printable)")
    }

    /// The path must be the one given; a query may follow it. Without one, any will do.
    private func servesPath(of target: String) -> Bool {
        switch self.connection.address {
        case .webSocketListen(_, _, let path?): RequestTarget.path(of: target) == path
        case .webSocketListen, .webSocketUnixListen, .webSocketInherited, .standardStreams, .webSocket,
            .webSocketOverUnix, .tcp, .tcpListen,
            .unix, .unixListen, .exec, .shell, .echo, .discard:
            true
        }
    }
}
