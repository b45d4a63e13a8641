// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Why an endpoint is aborted; a WebSocket turns it into a close code.
public enum AbortReason: Hashable, Sendable {
    /// This side itself has failed.
    case failed
    /// The peer of this side has gone; what it had said can still be read.
    case left
    /// The peer behind the link has gone, after all that it had to say, whole or not: nobody can know, and nobody is left
    /// to listen to this side.
    case otherSideLeft
    /// The side behind the link has failed, so what this one received is not whole.
    case otherSideFailed
    /// Strait was told to end.
    case goingAway
    /// The link has had what it may have.
    case expired(LinkExpiry)
}
