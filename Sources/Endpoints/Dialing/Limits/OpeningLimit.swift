// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What the opening of a link has a time for.
public enum OpeningLimit: Sendable, Hashable {
    /// All of it.
    case whole
    /// Looking a name up.
    case name
    /// Each connection of TCP, or of a Unix socket, and a proxy's answer.
    case connection
    /// TLS with the server.
    case tls
    /// TLS and the WebSocket's opening handshake.
    case handshake

    /// What sets it.
    var option: String {
        switch self {
        case .whole: "--connect-timeout"
        case .name: "--name-timeout"
        case .connection: "--tcp-timeout"
        case .tls: "--tls-timeout"
        case .handshake: "--handshake-timeout"
        }
    }
}
