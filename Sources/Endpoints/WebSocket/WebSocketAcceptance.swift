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

    func open(
        keepsMessages: Bool,
        dial: () async throws -> any Endpoint
    ) async throws -> (incoming: any Endpoint, other: any Endpoint)? {
        let channel = self.connection.channel
        let handler = try channel.pipeline.syncOperations.handler(type: ServerHandshakeHandler.self)
        guard let answer = await self.answer(handler) else { return nil }
        let other: any Endpoint
        do {
            other = try await dial()
        } catch {
            switch (error as? OpeningError)?.reason {
            case .timedOut?: handler.refuse(.gatewayTimeout, headers: [:], reason: Self.noAnswer)
            case .exhausted?: self.refuseAsBusy(handler, reason: "this machine is out of descriptors")
            default: handler.refuse(.badGateway, headers: [:], reason: Self.noAnswer)
            }
            throw error
        }
        handler.accept(headers: HTTPHeaders(answer.headers.fields.map { ($0.name, $0.value) }))
        let stream: ChannelStream
        do {
            stream = try await HandshakePipeline.replaceServer(of: channel, kind: self.connection.address.streamKind)
            guard channel.isActive, !handler.hasInputEnded else {
                throw ServerHandshakeHandler.Gone(reason: "client gone")
            }
        } catch {
            self.log("client gone during the handshake")
            channel.close(promise: nil)
            other.abort(.otherSideFailed)
            try? await other.close()
            return nil
        }
        let negotiated = answer.negotiated
        let options = WebSocketOptions(
            self.connection.options,
            halfClose: negotiated.halfClose,
            keepsMessages: keepsMessages
        )
        let endpoint = WebSocketEndpoint(
            name: self.name,
            role: .server,
            stream: stream,
            options: options,
            executor: self.connection.executor,
            log: self.connection.log
        )
        return (endpoint, other)
    }

    /// Answers HTTP 503: there are links enough.
    func refuse() async {
        guard
            let handler = try? self.connection.channel.pipeline.syncOperations.handler(
                type: ServerHandshakeHandler.self
            ),
            await self.answer(handler) != nil
        else { return }
        self.refuseAsBusy(handler, reason: "there are too many links")
    }

    private func refuseAsBusy(_ handler: ServerHandshakeHandler, reason: String) {
        handler.refuse(.serviceUnavailable, headers: ["Retry-After": "1"], reason: reason)
    }

    private static let noAnswer = "the service behind this address does not answer"

    /// Reads the request and checks it. What can't be accepted is refused and logged here.
    private func answer(_ handler: ServerHandshakeHandler) async -> ServerHandshake? {
        let cancel = self.connection.executor.schedule(after: self.connection.options.handshakeTimeout) {
            handler.timedOut()
        }
        defer { cancel() }
        do {
            let request = try await handler.request()
            guard self.servesPath(of: request.uri) else {
                throw ServerHandshakeHandler.Malformed(status: .notFound, reason: "nothing is served at this path")
            }
            let version = request.version
            return try ServerHandshake.answer(
                method: request.method.rawValue,
                httpVersion: (major: version.major, minor: version.minor),
                headers: HeaderFields(request.headers.map { ($0.name, $0.value) }),
                supportedSubprotocols: self.connection.options.subprotocols,
                supportsHalfClose: !self.connection.options.isText
            )
        } catch let refusal as HandshakeRefusal {
            let status = HTTPResponseStatus(statusCode: refusal.status, reasonPhrase: refusal.reasonPhrase)
            let headers = HTTPHeaders(refusal.headers.fields.map { ($0.name, $0.value) })
            handler.refuse(status, headers: headers, reason: "\(refusal)")
            self.log("refused with HTTP \(refusal.status): \(refusal)")
        } catch let error as ServerHandshakeHandler.Malformed {
            handler.refuse(error.status, headers: [:], reason: error.reason)
            self.log("refused with HTTP \(error.status.code): \(error.reason)")
        } catch let error as ServerHandshakeHandler.Gone {
            self.connection.channel.close(promise: nil)
            self.log(error.reason)
        } catch {
            self.connection.channel.close(promise: nil)
            self.log("\(error)")
        }
        return nil
    }

    private func log(_ text: String) {
        self.connection.log.warning("\(self.name): \(text.printable)")
    }

    /// The path must be the one given; a query may follow it. Without one, any will do.
    private func servesPath(of target: String) -> Bool {
        switch self.connection.address {
        case .webSocketListen(_, _, let path?): RequestTarget.path(of: target) == path
        case .webSocketListen, .webSocketUnixListen, .standardStreams, .webSocket, .webSocketOverUnix, .tcp, .tcpListen,
            .unix, .unixListen, .exec, .shell, .echo, .discard:
            true
        }
    }
}
