// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What a proxy says about a connection that it passes on, before the first byte of it (the PROXY protocol, versions 1
/// and 2, as HAProxy's document `proxy-protocol.txt` specifies it).
public enum ProxyHeader: Hashable, Sendable {
    /// The proxy's own connection, such as a health check.
    case local
    /// Passed on from somewhere without an IP address, or from where the proxy does not say.
    case unknown
    /// Passed on from `client`, which had connected to `server`.
    case addresses(client: SocketAddress, server: SocketAddress)

    /// The form it is written in.
    public enum Version: String, Hashable, Sendable, CaseIterable {
        /// A line of text.
        case v1
        /// Binary.
        case v2
    }

    /// The header of a connection that we pass on, to which addresses of Unix sockets and unknown ones mean nothing.
    public init(client: SocketAddress?, server: SocketAddress?) {
        guard let client, let server, IPAddress(client) != nil, IPAddress(server) != nil else {
            self = .unknown
            return
        }
        self = .addresses(client: client, server: server)
    }

    /// The same connection, from somewhere else: a proxy that speaks HTTP has said so.
    public func from(_ client: SocketAddress?) -> ProxyHeader {
        guard let client, IPAddress(client) != nil else { return self }
        switch self {
        case .addresses(_, let server): return .addresses(client: client, server: server)
        case .local, .unknown: return self
        }
    }

    /// Where the connection comes from, if that is not where it seems to come from.
    public var client: SocketAddress? {
        switch self {
        case .addresses(let client, _): client
        case .local, .unknown: nil
        }
    }
}
