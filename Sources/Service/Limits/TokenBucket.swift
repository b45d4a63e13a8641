// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How often something may happen: so many times in a second, and as many at once after a second of rest.
struct TokenBucket: Hashable, Sendable {
    /// What is left, as time: each event takes its share of a second.
    private var nextFree: ContinuousClock.Instant

    init(at now: ContinuousClock.Instant) {
        self.nextFree = now - .seconds(1)
    }

    enum OnTake: Equatable {
        case taken
        /// One may be had after this long.
        case empty(wait: Duration)
    }

    /// - Parameter rate: how many in a second, over zero.
    mutating func take(rate: Int, at now: ContinuousClock.Instant) -> OnTake {
        let share = Duration.seconds(1) / rate
        let start = max(self.nextFree, now - .seconds(1))
        guard start + share <= now else { return .empty(wait: start + share - now) }
        self.nextFree = start + share
        return .taken
    }

    /// Whether it is as good as new.
    func isFull(at now: ContinuousClock.Instant) -> Bool { self.nextFree <= now - .seconds(1) }
}
