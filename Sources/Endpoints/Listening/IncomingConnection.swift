// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
public import RelayCore

/// A connection that a listener has accepted and that no link uses yet.
public struct IncomingConnection: Sendable {
    let address: Address
    let channel: any Channel
    /// Runs the link.
    public let executor: EventLoopExecutor
    let options: LinkOptions
    let log: Logger

    /// Who connected: `127.0.0.1:54321`, or nothing over Unix sockets.
    public var peerName: String {
        switch self.channel.remoteAddress {
        case .v4?, .v6?: self.channel.remoteAddress?.numericDescription ?? ""
        case .unixDomainSocket?, nil: ""
        }
    }

    /// Turns it away: there is already a link, and only one is wanted.
    public func refuse() {
        self.channel.close(promise: nil)
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
        let address = self.address.withPort(self.channel.localAddress?.port)
        let name = self.peerName.isEmpty ? "\(address)" : "\(address) from \(self.peerName)"
        if self.address.isWebSocket {
            let acceptance = WebSocketAcceptance(connection: self, name: name)
            return try await acceptance.open(keepsMessages: keepsMessages, dial: dial)
        }
        let stream = try ChannelStream.of(self.channel)
        do {
            return (ByteStreamEndpoint(name: name, stream: stream), try await dial())
        } catch {
            stream.reset()
            throw error
        }
    }
}
