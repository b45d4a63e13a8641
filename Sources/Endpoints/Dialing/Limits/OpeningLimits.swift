// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How long the opening of a link may take, in all and step by step.
public struct OpeningLimits: Sendable {
    /// Name, connection, proxy, TLS and handshake in all.
    public var whole = Duration.seconds(30)
    /// `nil`, here and below: no less than the whole.
    public var name: Duration?
    /// Each connection of TCP, or of a Unix socket, and a proxy's answer.
    public var connection: Duration?
    /// TLS with the server.
    public var tls: Duration?
    /// TLS and the WebSocket's opening handshake.
    public var handshake: Duration?

    /// The defaults of the command line.
    public init() {}

    subscript(limit: OpeningLimit) -> Duration? {
        switch limit {
        case .whole: self.whole
        case .name: self.name
        case .connection: self.connection
        case .tls: self.tls
        case .handshake: self.handshake
        }
    }
}
