// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import Endpoints
public import RelayCore

/// What a service has to tell, for logs and metrics. It never holds payload or secrets.
public enum ServiceEvent: Sendable {
    /// A connection has come to a listener.
    case accepted(ConnectionInfo)
    /// Its request got this answer in place of a WebSocket.
    case refused(ConnectionInfo, route: String?, status: Int, reason: String)
    /// The client went away during the handshake.
    case gone(ConnectionInfo, reason: String)
    /// The other end could not be opened; the client got HTTP 502, 503 or 504.
    case dialFailed(LinkInfo, OpeningError)
    /// A link is there, after so long for the other end.
    case opened(LinkInfo, dialTime: Duration)
    /// A link is over. `first` is the side that ended or failed first, `nil` where that was neither.
    case ended(LinkInfo, LinkOutcome, LinkCounters, life: Duration, first: Side?)
    /// The configuration was taken.
    case reloaded
}
