// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Which bound has ended a link.
public enum LinkExpiry: Hashable, Sendable, CustomStringConvertible {
    /// No byte went through it for this long.
    case idle(Duration)
    /// It was open for this long.
    case life(Duration)

    /// As the peer and the log are told.
    public var description: String {
        switch self {
        case .idle(let time): "idle for \(time.shortDescription)"
        case .life(let time): "open for \(time.shortDescription), the longest a link may be"
        }
    }
}
