// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Whether a link has been idle for too long, found out by looking now and then: carrying a byte costs nothing.
///
/// A look comes every quarter of the time, so an idle link ends after one to one and a quarter of it.
struct IdleCheck: Sendable {
    private let limit: Duration
    private var seen: UInt64 = 0
    private var lastChange: ContinuousClock.Instant

    /// Enough for times that people give; a bound on what looking costs.
    private static let shortestWait = Duration.milliseconds(5)

    init(limit: Duration, at now: ContinuousClock.Instant) {
        self.limit = limit
        self.lastChange = now
    }

    enum OnLook: Equatable {
        case lookAgain(after: Duration)
        case expired
    }

    /// When to look first.
    var firstWait: Duration { max(self.limit / 4, Self.shortestWait) }

    /// - Parameters:
    ///   - bytes: How many have gone through so far, in both directions.
    ///   - isBusy: Bytes wait for room in one of the sides, which may take long.
    mutating func look(bytes: UInt64, isBusy: Bool, at now: ContinuousClock.Instant) -> OnLook {
        if bytes != self.seen || isBusy {
            self.seen = bytes
            self.lastChange = now
        }
        let left = self.limit - (now - self.lastChange)
        guard left > .zero else { return .expired }
        return .lookAgain(after: max(min(left, self.limit / 4), Self.shortestWait))
    }
}
