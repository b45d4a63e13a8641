// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import TLSEngine
public import WebSocketCore

/// A client's request for a WebSocket, which is in order as such: whether it gets one is decided by what it asks for.
public struct IncomingRequest: Sendable {
    /// The target in the first line as it came, such as `/ssh?x=1`.
    public let target: String
    /// The header fields; just one of them is a Host.
    public let headers: HeaderFields
    /// Who sent it: the other end of the connection, or what a trusted proxy says. `nil` over Unix sockets.
    public var source: SocketAddress?
    /// What TLS came to, with the client's certificate if it showed one; `nil` without TLS.
    public let tls: TLSHandshakeCompleted?

    /// The value of the Host field.
    public var host: String { self.headers.values(for: "Host").first ?? "" }
}
