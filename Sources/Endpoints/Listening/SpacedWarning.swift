// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// When to warn of a state that comes and goes: once, and again only after a minute without it.
public struct SpacedWarning: Sendable {
    private var last: NIODeadline?
    private static let calm = TimeAmount.minutes(1)

    /// Nothing has been said yet.
    public init() {}

    /// The state has shown itself; call it each time.
    ///
    /// - Returns: whether to say so.
    public mutating func isDue(at now: NIODeadline) -> Bool {
        defer { self.last = now }
        guard let last else { return true }
        return now - last >= Self.calm
    }
}
