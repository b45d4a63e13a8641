// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import WebSocketCore

/// Has a proxy connect to a target, over a connected channel.
///
/// NIOExtras' handler for CONNECT keeps the answer's head and body to itself, and reads only where a channel reads by
/// itself. So this is the handshake of WebSocket clients once more: the same limits, and the same words for a refusal.
struct ProxyOpening: Sendable {
    let proxy: Proxy
    let target: HostAndPort
    let executor: EventLoopExecutor
    let options: LinkOptions
    let clock: OpeningClock
    let steps: DialSteps

    /// Call on the channel's event loop.
    func addHandlers(to channel: any Channel) throws {
        switch self.proxy.scheme {
        case .http, .https:
            try HandshakePipeline.addClient(to: channel, headLimit: self.options.headLimit, for: .tunnel)
        case .socks5, .socks5h:
            let handshake = SOCKSHandshake(to: self.socksTarget, credentials: self.proxy.credentials)
            try channel.pipeline.syncOperations.addHandler(SOCKSHandler(handshake))
        }
        try channel.pipeline.syncOperations.addHandler(TunnelGate())
    }

    /// - Parameter addHandlers: puts the handlers in place that speak with the target.
    /// - Throws: `EndpointError`; the channel is closed then.
    func open(_ channel: any Channel, _ addHandlers: (any Channel) throws -> Void) async throws {
        let start = NIODeadline.now()
        do {
            switch self.proxy.scheme {
            case .http, .https: try await self.connect(channel)
            case .socks5, .socks5h: try await self.connectBySOCKS(channel)
            }
            self.steps.reached(.proxied(by: "\(self.proxy)"), since: start)
            try channel.pipeline.syncOperations.handler(type: TunnelGate.self).open(channel, addHandlers)
        } catch {
            channel.close(promise: nil)
            throw error
        }
    }

    // MARK: CONNECT

    private func connect(_ channel: any Channel) async throws {
        let handler = try channel.pipeline.syncOperations.handler(type: ClientHandshakeHandler.self)
        handler.onSecured = { self.steps.log.debug("\(self.steps.name): \(self.proxy): \($0)") }
        let deadline = self.clock.begin(.connection)
        let cancel = self.executor.schedule(after: deadline.left) { handler.timedOut(deadline.expired(in: .proxy)) }
        defer { cancel() }
        let answer = try await handler.ask(self.request)
        guard 200...299 ~= answer.head.status.code else { throw EndpointError.proxyRefused(self.refusal(answer)) }
        try await HandshakePipeline.removeTunnel(from: channel)
    }

    private var request: HTTPRequestHead {
        var fields = HeaderFields([
            ("Host", "\(self.target)"), ("User-Agent", self.options.request.userAgent),
            ("Proxy-Connection", "Keep-Alive"),
        ])
        if let credentials = self.proxy.credentials {
            fields.replace(with: [("Proxy-Authorization", credentials.basic)])
        }
        var replaced: [(String, String)] = []
        var removed: [String] = []
        for change in self.options.proxy.headers {
            switch change {
            case .set(let name, let value): replaced.append((name, value))
            case .remove(let name): removed.append(name)
            }
        }
        fields.replace(with: replaced)
        fields.remove(removed)
        // The encoder makes it a CONNECT.
        return HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: "\(self.target)",
            headers: HTTPHeaders(fields.fields.map { ($0.name, $0.value) })
        )
    }

    private func refusal(_ answer: ClientHandshakeHandler.Answer) -> ProxyRefusal {
        ProxyRefusal(
            status: Int(answer.head.status.code),
            reason: answer.head.status.reasonPhrase,
            authenticate: answer.head.headers["Proxy-Authenticate"],
            retryAfter: answer.retryAfter,
            squidError: answer.head.headers.first(name: "X-Squid-Error"),
            body: String(buffer: answer.body),
            hadCredentials: self.proxy.credentials != nil
        )
    }

    // MARK: SOCKS

    private func connectBySOCKS(_ channel: any Channel) async throws {
        let handler = try channel.pipeline.syncOperations.handler(type: SOCKSHandler.self)
        let deadline = self.clock.begin(.connection)
        let cancel = self.executor.schedule(after: deadline.left) { handler.timedOut(deadline.expired(in: .proxy)) }
        defer { cancel() }
        try await handler.connect()
        try await channel.pipeline.syncOperations.removeHandler(handler).get()
    }

    private var socksTarget: SOCKSHandshake.Target {
        guard let address = IPAddress(self.target.host) else { return .name(self.target) }
        return .address(address.socketAddress(port: UInt16(truncatingIfNeeded: self.target.port)))
    }
}
