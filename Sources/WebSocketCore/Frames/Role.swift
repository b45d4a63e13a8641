// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The end of a WebSocket that one speaks for. It decides who masks (RFC 6455 §5.1) and who ends TCP first (§7.1.1).
public enum Role: Sendable {
    /// Opened the connection; masks every frame it sends.
    case client
    /// Accepted the connection; masks none.
    case server
}
