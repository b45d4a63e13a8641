// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import RelayCore

/// What has become of a connection that asked for a WebSocket.
public enum ConnectionOpening: Sendable {
    /// It has one.
    case opened(incoming: any Endpoint, other: any Endpoint)
    /// It got this HTTP status instead.
    case refused(status: Int, reason: String)
    /// The client went away, or TLS failed.
    case gone(reason: String)
}
