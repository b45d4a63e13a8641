// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A proxy that makes connections for us: HTTP CONNECT (RFC 9110 §9.3.6), or SOCKS 5 (RFC 1928).
public struct Proxy: Hashable, Sendable {
    /// What is spoken with it.
    public enum Scheme: String, Sendable {
        /// CONNECT.
        case http
        /// CONNECT over TLS.
        case https
        /// SOCKS 5; names are resolved here.
        case socks5
        /// SOCKS 5; the proxy resolves names.
        case socks5h
    }

    /// What is spoken with it.
    public var scheme: Scheme
    /// Where it is.
    public var hostAndPort: HostAndPort
    /// Who we are.
    public var credentials: ProxyCredentials?

    init(_ scheme: Scheme, _ hostAndPort: HostAndPort, credentials: ProxyCredentials? = nil) {
        self.scheme = scheme
        self.hostAndPort = hostAndPort
        self.credentials = credentials
    }
}

extension Proxy: CustomStringConvertible {
    /// Without credentials, so that it can be logged.
    public var description: String { "\(self.scheme.rawValue)://\(self.hostAndPort)" }
}

extension Proxy {
    /// Why its credentials can't be sent.
    var credentialsProblem: String? {
        guard let credentials else { return nil }
        switch self.scheme {
        case .http, .https:
            return credentials.isFitForBasic ? nil : "the user's name has a colon (Basic authentication can't say that)"
        case .socks5, .socks5h:
            return credentials.isFitForSOCKS ? nil : "user or password is too long (SOCKS can say 255 bytes of each)"
        }
    }
}
