// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Why what came in front of a connection is no PROXY header.
public enum ProxyHeaderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It does not begin as one.
    case missing
    /// Longer than any that a proxy sends.
    case tooLong(limit: Int)
    /// A part that is wrong.
    case malformed(String)
    /// A sender that is not trusted has sent one.
    case untrusted
    /// It did not come in time.
    case timedOut

    /// Why, and what to do; nothing that the peer sent.
    public var description: String {
        switch self {
        case .missing: "no PROXY header (--accept-proxy names this network, so its proxies have to send one)"
        case .tooLong(let limit): "a PROXY header of over \(limit) bytes"
        case .malformed(let part): "a PROXY header with \(part)"
        case .untrusted: "a PROXY header from a network that --accept-proxy does not name"
        case .timedOut: "no PROXY header in time (--handshake-timeout)"
        }
    }
}
