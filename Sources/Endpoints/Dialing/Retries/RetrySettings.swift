// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How often, and how long, the opening of a link is tried again.
public struct RetrySettings: Sendable {
    /// Tries after the first one.
    public var count = 0
    /// The same pause before each of them; `nil`: growing ones.
    public var delay: Duration?
    /// No try begins later than this after the first; zero: whenever.
    public var maxTime = Duration.zero

    /// None.
    public init() {}
}
