// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// `ws://` or `wss://` with everything needed to open it (RFC 6455 §3).
public struct WebSocketURL: Hashable, Sendable, CustomStringConvertible {
    /// `wss://`.
    public var isSecure: Bool
    /// Where to connect; the port of the scheme where none was given.
    public var hostAndPort: HostAndPort
    /// Path and query as sent in the request line, such as `/ssh?x=1`.
    public var target: String
    /// `user:password`, percent-decoded, for Basic authentication.
    public var credentials: String?

    /// The port of the scheme, which a Host header leaves out.
    public var defaultPort: Int { self.isSecure ? 443 : 80 }

    /// What the Host header says.
    public var authority: String {
        self.hostAndPort.port == self.defaultPort ? self.hostAndPort.bracketedHost : "\(self.hostAndPort)"
    }

    /// Without credentials, so that it can be logged. The query may hold a token and is left out as well.
    public var description: String {
        let path = self.target.prefix { $0 != "?" }
        return "\(self.isSecure ? "wss" : "ws")://\(self.authority)\(path)"
    }
}
