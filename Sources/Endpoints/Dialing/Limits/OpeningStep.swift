// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import RelayCore

/// What opening a link goes through, one after the other.
public enum OpeningStep: Sendable, Hashable {
    /// The resolver looks a name up.
    case name
    /// TCP, or a Unix socket.
    case connection
    /// The proxy connects.
    case proxy
    /// TLS with the server.
    case tls
    /// The WebSocket's opening handshake.
    case handshake

    /// What did not come in time, and what to do.
    func missing(after time: Duration, of limit: OpeningLimit) -> String {
        let (time, option) = (time.shortDescription, limit.option)
        switch self {
        case .name: return "the name was not found within \(time) (check the resolver, or raise \(option))"
        case .connection: return "no connection within \(time) (check host and port, or raise \(option))"
        case .proxy:
            return "no answer from the proxy within \(time) (check its port and kind, or raise \(option))"
        case .tls: return "connected, but no TLS within \(time) (check host and port, or raise \(option))"
        case .handshake:
            return "connected, but no answer within \(time) (check host and port, or raise \(option))"
        }
    }
}
