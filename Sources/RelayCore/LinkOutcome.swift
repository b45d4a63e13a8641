// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How a link ended.
public enum LinkOutcome: Sendable {
    /// Both directions ended in order, and all bytes were delivered.
    case ended
    /// `side` failed; the other side was aborted.
    case failed(Side, any Error)
    /// Strait was told to end it.
    case cancelled
    /// The link has had what it may have.
    case expired(LinkExpiry)
}
