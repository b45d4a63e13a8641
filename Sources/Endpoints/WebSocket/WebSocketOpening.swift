// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOHTTP1
import RelayCore
import WebSocketCore

/// The client's opening handshake over a connected channel.
struct WebSocketOpening {
    let channel: any Channel
    let kind: ChannelStream.Kind
    /// TLS comes first.
    let isSecure: Bool
    let executor: EventLoopExecutor
    let clock: OpeningClock
    let options: LinkOptions
    let steps: DialSteps

    /// - Throws: `EndpointError`; the channel is closed then.
    func open(_ request: ClientHandshake, name: String, keepsMessages: Bool) async throws -> any Endpoint {
        do {
            let (negotiated, isBehindCloudflare) = try await self.shakeHands(request)
            let stream = try await HandshakePipeline.replaceClient(of: self.channel, kind: self.kind)
            let options = WebSocketOptions(
                self.options,
                negotiated,
                keepsMessages: keepsMessages,
                isBehindCloudflare: isBehindCloudflare
            )
            return WebSocketEndpoint(
                name: name,
                role: .client,
                stream: stream,
                options: options,
                executor: self.executor,
                log: self.steps.log
            )
        } catch {
            self.channel.close(promise: nil)
            throw error
        }
    }

    private func shakeHands(
        _ request: ClientHandshake
    ) async throws -> (negotiated: Negotiated, isBehindCloudflare: Bool) {
        var start = NIODeadline.now()
        let handler = try self.channel.pipeline.syncOperations.handler(type: ClientHandshakeHandler.self)
        handler.onSecured = { tls in
            self.steps.reached(.secured(tls), since: start)
            start = .now()
        }
        let deadline = self.clock.begin(.handshake)
        let cancel = self.executor.schedule(after: deadline.left) {
            let step = self.isSecure && !handler.isSecured ? OpeningStep.tls : .handshake
            handler.timedOut(deadline.expired(in: step))
        }
        let tlsDeadline = self.isSecure ? self.clock.own(.tls) : nil
        let cancelTLS = tlsDeadline.map { deadline in
            self.executor.schedule(after: deadline.left) {
                if !handler.isSecured { handler.timedOut(deadline.expired(in: .tls)) }
            }
        }
        defer {
            cancel()
            cancelTLS?()
        }
        let answer = try await handler.ask(request)
        let status = Int(answer.head.status.code)
        let reason = answer.head.status.reasonPhrase
        let version = (major: answer.head.version.major, minor: answer.head.version.minor)
        let headers = HeaderFields(answer.head.headers.map { ($0.name, $0.value) })
        do throws(HandshakeFailure) {
            let negotiated = try request.verify(
                httpVersion: version,
                status: status,
                reason: reason,
                headers: headers
            )
            let upgrade = Upgrade(
                negotiated,
                server: answer.head.headers.first(name: "Server"),
                isBehindCloudflare: answer.head.headers.nameCloudflare
            )
            self.steps.reached(.upgraded(upgrade), since: start)
            return (negotiated, answer.head.headers.nameCloudflare)
        } catch .status {
            throw EndpointError.refused(Self.refusal(answer, of: request))
        } catch {
            throw EndpointError.handshake(error)
        }
    }

    private static func refusal(_ answer: ClientHandshakeHandler.Answer, of request: ClientHandshake) -> HTTPRefusal {
        let authenticate = answer.head.headers["WWW-Authenticate"]
        return HTTPRefusal(
            status: Int(answer.head.status.code),
            reason: answer.head.status.reasonPhrase,
            location: answer.head.headers.first(name: "Location"),
            authenticate: authenticate.isEmpty ? nil : authenticate.joined(separator: ", "),
            retryAfter: answer.retryAfter,
            body: String(buffer: answer.body),
            cookies: answer.head.headers["Set-Cookie"],
            secrets: RequestSecrets(target: request.uri),
            hadCredentials: !request.headers.values(for: "Authorization").isEmpty,
            network: ContentNetwork(answer.head.headers)
        )
    }
}

extension WebSocketOptions {
    init(_ options: LinkOptions, _ negotiated: Negotiated, keepsMessages: Bool, isBehindCloudflare: Bool) {
        self.halfClose = negotiated.halfClose
        self.compression = negotiated.compression
        self.keepsMessages = keepsMessages
        self.takesOneMessage = options.messages?.isOneMessage ?? false
        self.endsWithInput = options.keepsMessages && !self.takesOneMessage
        self.messageLimit = options.keepsMessages && options.messageLimit > 0 ? options.messageLimit : nil
        self.frameLimit = LinkOptions.longestFrame(within: options.frameLimit, isBehindCloudflare: isBehindCloudflare)
        self.closeReason = options.closeReason
        self.printsClose = options.printsClose
        self.trace = options.trace
        self.controlFrameRate = options.controlFrameRate
        self.linger = options.linger
        self.pingInterval = options.pingInterval
        self.pingTimeout = options.pingTimeout
    }
}
