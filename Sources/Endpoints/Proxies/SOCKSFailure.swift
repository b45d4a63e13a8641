// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How a SOCKS 5 proxy refused, or why it is none.
public enum SOCKSFailure: Error, Hashable, Sendable {
    /// The answer begins with another version than 5.
    case notSOCKS(firstByte: UInt8)
    /// It accepts none of the ways to authenticate that were offered.
    case noAcceptableMethod(hadCredentials: Bool)
    /// It chose a way that was not offered.
    case unexpectedMethod(UInt8)
    /// User and password are wrong.
    case credentialsRefused
    /// It did not connect; the code is one of RFC 1928 §6.
    case refused(reply: UInt8)
    /// An answer that RFC 1928 does not allow.
    case malformed
    /// User or password is longer than SOCKS can say.
    case credentialsTooLong
    /// The name is longer than SOCKS can say.
    case nameTooLong(bytes: Int)
    /// It ended the connection before it had answered.
    case closed
}

extension SOCKSFailure: CustomStringConvertible {
    /// As a log line shows it: why, and what to do.
    public var description: String {
        switch self {
        case .notSOCKS(UInt8(ascii: "H")): "the answer is HTTP, not SOCKS 5 (use http:// for this proxy)"
        case .notSOCKS(let byte): "the answer is not SOCKS 5: it begins with \(byte) (check the proxy's port and kind)"
        case .noAcceptableMethod(false): "SOCKS: it wants user and password (give them with --proxy-user)"
        case .noAcceptableMethod(true):
            "SOCKS: it takes neither nobody nor user and password (ask whoever runs the proxy)"
        case .unexpectedMethod(let method):
            "SOCKS: it chose authentication method \(method), which was not offered (is this a SOCKS 5 proxy?)"
        case .credentialsRefused: "SOCKS: user or password is wrong (check --proxy-user, or the proxy's address)"
        case .refused(let reply): "SOCKS: \(Self.words(for: reply))"
        case .malformed: "SOCKS: an answer that RFC 1928 does not allow (is this a SOCKS 5 proxy?)"
        case .credentialsTooLong: "SOCKS: user and password have 1 to 255 bytes each (see --proxy-user)"
        case .nameTooLong(let bytes): "SOCKS: the host's name has \(bytes) bytes (at most 255 can be sent)"
        case .closed: "it closed the connection before it had answered (check the proxy's port, kind and log)"
        }
    }

    private static func words(for reply: UInt8) -> String {
        switch reply {
        case 1: "general SOCKS server failure (see the proxy's log)"
        case 2: "connection not allowed by ruleset (ask whoever runs the proxy)"
        case 3: "network unreachable (for the proxy; check the host)"
        case 4: "host unreachable (for the proxy; check the host's name)"
        case 5: "connection refused (is the service running and listening there?)"
        case 6: "TTL expired (the host is too far, or there is a loop)"
        case 7: "command not supported (is this a proxy that allows CONNECT?)"
        case 8: "address type not supported (try socks5:// or socks5h://, -4 or -6)"
        default: "reply \(reply), which RFC 1928 does not know (see the proxy's log)"
        }
    }

    /// What it means to whoever wanted the connection.
    public enum Meaning: Sendable {
        /// It was not allowed.
        case forbidden
        /// The host was not reached.
        case unreachable
        /// The proxy does not speak as it should.
        case violation
    }

    /// What it means to whoever wanted the connection.
    public var meaning: Meaning {
        switch self {
        case .noAcceptableMethod, .credentialsRefused, .refused(reply: 2): .forbidden
        case .refused(reply: 1), .refused(reply: 3), .refused(reply: 4), .refused(reply: 5), .refused(reply: 6):
            .unreachable
        case .notSOCKS, .unexpectedMethod, .refused, .malformed, .credentialsTooLong, .nameTooLong, .closed: .violation
        }
    }
}
