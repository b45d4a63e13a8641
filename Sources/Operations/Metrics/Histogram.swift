// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How long something took, by fixed bounds. Recording takes no lock.
public final class Histogram: Sendable {
    /// In seconds, rising.
    let bounds: [Double]
    /// For each bound what is over the one before it and not over this one, then the rest.
    private let counts: [Counter]
    private let nanoseconds = Counter()

    /// For what takes milliseconds to seconds, such as a connection.
    public static let dialBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    /// For what lives a second to days.
    public static let lifeBounds = [0.1, 1, 10, 60, 300, 900, 3600, 14400, 43200, 86400, 604_800]

    /// - Parameter bounds: in seconds, rising.
    public init(bounds: [Double]) {
        self.bounds = bounds
        self.counts = (0...bounds.count).map { _ in Counter() }
    }

    /// One more.
    public func record(_ duration: Duration) {
        let (seconds, attoseconds) = max(duration, .zero).components
        let value = Double(seconds) + Double(attoseconds) / 1e18
        let index = self.bounds.firstIndex { value <= $0 } ?? self.bounds.count
        self.counts[index].add()
        self.nanoseconds.add(
            UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000)
        )
    }

    /// The counts as Prometheus has them: each with all below it, the last for everything.
    var cumulativeCounts: [UInt64] {
        var sum: UInt64 = 0
        return self.counts.map { count in
            sum &+= count.value
            return sum
        }
    }

    /// In seconds.
    var sum: Double { Double(self.nanoseconds.value) / 1e9 }
}
