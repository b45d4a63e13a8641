// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The two ends of a link, named as on the command line: `strait LOCAL REMOTE`.
public enum Side: Hashable, Sendable, CaseIterable {
    case local
    case remote

    /// The opposite end.
    public var other: Side {
        switch self {
        case .local: .remote
        case .remote: .local
        }
    }
}
