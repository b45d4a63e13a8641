// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What the accepted WebSockets of one event loop have carried. Each loop counts for itself, so that no core waits for
/// another's cache line; whoever wants the sum reads them all.
final class LoopTraffic: Sendable {
    private let bytesIn = Atomic<UInt64>(0)
    private let bytesOut = Atomic<UInt64>(0)
    private let framesIn = Atomic<UInt64>(0)
    private let framesOut = Atomic<UInt64>(0)

    func received(bytes: Int) { self.bytesIn.wrappingAdd(UInt64(bytes), ordering: .relaxed) }

    func received(frames: UInt64) { self.framesIn.wrappingAdd(frames, ordering: .relaxed) }

    /// One frame.
    func sent(bytes: Int) {
        self.bytesOut.wrappingAdd(UInt64(bytes), ordering: .relaxed)
        self.framesOut.wrappingAdd(1, ordering: .relaxed)
    }

    var totals: TrafficTotals {
        TrafficTotals(
            bytesIn: self.bytesIn.load(ordering: .relaxed),
            bytesOut: self.bytesOut.load(ordering: .relaxed),
            framesIn: self.framesIn.load(ordering: .relaxed),
            framesOut: self.framesOut.load(ordering: .relaxed)
        )
    }
}
