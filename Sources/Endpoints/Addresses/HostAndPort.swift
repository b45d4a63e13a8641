// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A host (name, IPv4 or IPv6 address without brackets) and a port.
public struct HostAndPort: Hashable, Sendable, CustomStringConvertible {
    /// Without brackets.
    public var host: String
    /// 0 to 65535; 0 only for listeners.
    public var port: Int

    /// This host and port, not checked.
    public init(_ host: String, _ port: Int) {
        self.host = host
        self.port = port
    }

    /// As in a URL: `[::1]:22`.
    public var description: String { "\(self.bracketedHost):\(self.port)" }

    /// The host as it stands in a URL: IPv6 in brackets.
    public var bracketedHost: String { self.host.contains(":") ? "[\(self.host)]" : self.host }
}
