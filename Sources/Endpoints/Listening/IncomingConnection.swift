// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
public import NIOCore
public import RelayCore

/// A connection that a listener has accepted and that no link uses yet.
public struct IncomingConnection: Sendable {
    let address: Address
    let channel: any Channel
    /// What the proxy in front of us has said, if there is one.
    var proxyHeader: ProxyHeader?
    /// Runs the link.
    public let executor: EventLoopExecutor
    let options: LinkOptions
    let log: Logger

    /// Who connected: what a trusted proxy says, or else the other end of the connection; `nil` over Unix sockets.
    public var source: SocketAddress? {
        if let client = self.proxyHeader?.client { return client }
        switch self.channel.remoteAddress {
        case .v4?, .v6?: return self.channel.remoteAddress
        case .unixDomainSocket?, nil: return nil
        }
    }

    /// The header with which it is passed on to a service.
    public var headerToPassOn: ProxyHeader {
        self.proxyHeader ?? ProxyHeader(client: self.channel.remoteAddress, server: self.channel.localAddress)
    }

    /// Who connected: `127.0.0.1:54321`, or nothing over Unix sockets.
    public var peerName: String { self.source?.numericDescription ?? "" }

    /// What the listener is known by: `ws://127.0.0.1:8080/ssh`.
    public var listenerName: String { "\(self.address.withPort(self.channel.localAddress?.port))" }

    /// Turns it away, since there are links enough: a WebSocket client with HTTP 503, any other with a reset.
    public func refuse() async {
        if self.address.isWebSocket {
            await WebSocketAcceptance(connection: self, name: self.name).refuse()
        } else {
            (try? ChannelStream.of(self.channel))?.reset()
        }
    }

    /// Cuts it off without a word.
    public func drop() {
        self.channel.close(promise: nil)
    }

    /// Has the listener wait a little before it accepts more: no other end can be opened for want of descriptors.
    public func pauseListener(reason: String) {
        guard let listener = self.channel.parent else { return }
        listener.eventLoop.execute {
            try? listener.pipeline.syncOperations.handler(type: AcceptPause.self).pause(listener, reason: reason)
        }
    }

    /// Reads the request for a WebSocket, and opens the other end that `admit` lets it in to; only then does the client get
    /// its 101.
    ///
    /// - Parameter admit: Is given a request that is in order. What it throws as `RequestRefusal` is what the client gets.
    /// - Throws: the error of `dial`; the client has been told by then (HTTP 502, 503 or 504).
    public func open(
        admit: @Sendable (IncomingRequest) async throws -> Admission
    ) async throws -> ConnectionOpening {
        try await WebSocketAcceptance(connection: self, name: self.name).open(admit: admit)
    }

    /// What log lines and links call it: `ws://127.0.0.1:8080/ssh from 127.0.0.1:54321`.
    public var name: String {
        self.peerName.isEmpty ? self.listenerName : "\(self.listenerName) from \(self.peerName)"
    }

    /// Calls back once the client has gone, at once if it has by now. The end of a byte stream is none: an answer may be
    /// awaited.
    func whenGone(_ body: @escaping @Sendable () -> Void) {
        self.channel.closeFuture.whenComplete { _ in body() }
        guard self.address.isWebSocket else { return }
        let handler = try? self.channel.pipeline.syncOperations.handler(type: ServerHandshakeHandler.self)
        handler?.onInputEnded = body
    }

    /// Opens the other end by `dial`, then this one: a WebSocket client gets its 101 only when the service has answered.
    ///
    /// - Parameter keepsMessages: the other end tells messages apart.
    /// - Returns: both ends, or `nil` when the client was refused or has gone, which is logged.
    /// - Throws: the error of `dial`; the client has been told by then (HTTP 502 or 504, or a reset).
    public func open(
        keepsMessages: Bool,
        dial: () async throws -> any Endpoint
    ) async throws -> (incoming: any Endpoint, other: any Endpoint)? {
        let name = self.name
        if self.address.isWebSocket {
            let acceptance = WebSocketAcceptance(connection: self, name: name)
            return try await acceptance.open(keepsMessages: keepsMessages, dial: dial)
        }
        guard let stream = try? ChannelStream.of(self.channel) else {
            self.log.warning("\(name): client gone before its link was there")
            return nil
        }
        do {
            return (ByteStreamEndpoint(name: name, stream: stream), try await dial())
        } catch {
            stream.reset()
            throw error
        }
    }
}
