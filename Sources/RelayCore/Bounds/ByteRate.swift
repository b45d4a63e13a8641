// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How long to wait so that no more than so many bytes go by in a second.
///
/// Each chunk takes its time behind the one before; time that nobody used is lost, so nothing is saved up for a burst
/// beyond one chunk.
struct ByteRate: Sendable {
    private let bytesPerSecond: Int
    /// When all that has gone by will have had its time.
    private var due: ContinuousClock.Instant

    init(bytesPerSecond: Int, at now: ContinuousClock.Instant) {
        self.bytesPerSecond = max(1, bytesPerSecond)
        self.due = now
    }

    /// `count` bytes have gone by.
    ///
    /// - Returns: How long the next ones wait.
    mutating func spend(_ count: Int, at now: ContinuousClock.Instant) -> Duration {
        self.due = max(self.due, now) + .seconds(1) * (Double(count) / Double(self.bytesPerSecond))
        return self.due - now
    }
}
