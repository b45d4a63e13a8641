// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How long a peer has been silent. While its kernel still takes what was sent before, it is slow and not silent: it can't
/// answer what it has not read.
struct Silence {
    private let limit: Duration
    private var lastByte: ContinuousClock.Instant
    private var undelivered: Int
    /// When its kernel last took something, as far as was looked.
    private var lastTaken: ContinuousClock.Instant

    /// A peer that takes nothing for so long is silent, too: windows open in steps, which a slow reader makes rare.
    static let patience = Duration.seconds(30)
    /// How often deliveries are looked at: ten times in the limit, and each second.
    private static let looks = 10
    private static let longestWait = Duration.seconds(1)
    private static let shortestWait = Duration.milliseconds(10)

    /// - Parameters:
    ///   - limit: how long silence is borne.
    ///   - undelivered: bytes that its kernel has not taken yet.
    ///   - previous: what is known of the same peer by then.
    init(
        limit: Duration,
        undelivered: Int,
        at now: ContinuousClock.Instant,
        after previous: Silence? = nil
    ) {
        self.limit = limit
        self.lastByte = now
        self.undelivered = undelivered
        self.lastTaken = previous?.lastTaken ?? now
    }

    /// A byte has come from it.
    mutating func heard(at now: ContinuousClock.Instant) {
        self.lastByte = now
    }

    /// - Returns: how long to wait before the next look, or `nil` when it has been silent for too long.
    mutating func look(undelivered: Int, at now: ContinuousClock.Instant) -> Duration? {
        if undelivered < self.undelivered { self.lastTaken = now }
        self.undelivered = undelivered
        let isOwed = undelivered > 0
        let end =
            isOwed
            ? max(self.lastByte + self.limit, self.lastTaken + Self.patience)
            : max(self.lastByte, self.lastTaken) + self.limit
        let left = end - now
        guard left > .zero else { return nil }
        let wait = min(max(self.limit / Self.looks, Self.shortestWait), Self.longestWait)
        return isOwed ? min(left, wait) : left
    }
}
