// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import TLSEngine

/// What has been reached on the way to an open endpoint.
public enum DialStep: Sendable {
    /// The name has these addresses, in the resolver's order.
    case resolved(host: String, addresses: [String])
    /// Somebody accepted the connection: `127.0.0.1:443`, or the path of a socket.
    case connected(to: String)
    /// A proxy has made the connection to the host beyond it; `proxy` has no credentials.
    case proxied(by: String)
    /// TLS is in place, and the certificate is good or not asked for.
    case secured(TLSHandshakeCompleted)
    /// The WebSocket is open.
    case upgraded(Upgrade)
}

extension DialStep: CustomStringConvertible {
    /// As a log line shows it; printable.
    public var description: String {
        switch self {
        case .resolved(let host, let addresses): "\(host.printable) is \(addresses.joined(separator: ", "))"
        case .connected(let peer): "connected to \(peer.printable)"
        case .proxied(let proxy): "connected by the proxy \(proxy.printable)"
        case .secured(let tls): "\(tls)"
        case .upgraded(let upgrade): "\(upgrade)"
        }
    }
}
