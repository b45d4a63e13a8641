// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Failures that the link itself finds.
public enum LinkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The peer closed both directions and took no more of what the other side had sent.
    case closedBeforeTakingAll(after: Duration)

    /// As a log line shows it: why, and what follows.
    public var description: String {
        switch self {
        case .closedBeforeTakingAll(let time):
            "the peer sent Close and took no more for \(time.shortDescription) (bytes meant for it are lost)"
        }
    }
}
