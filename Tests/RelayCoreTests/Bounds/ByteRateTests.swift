// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RelayCore

@Suite("Bytes in a second")
struct ByteRateTests {
    private let start = ContinuousClock.now

    @Test
    func eachChunkTakesItsTimeBehindTheOneBefore() {
        var rate = ByteRate(bytesPerSecond: 1000, at: self.start)
        #expect(rate.spend(500, at: self.start) == .milliseconds(500))
        #expect(rate.spend(500, at: self.start) == .seconds(1))
        #expect(rate.spend(1000, at: self.start + .seconds(1)) == .seconds(1))
    }

    @Test
    func timeThatNobodyUsedIsLost() {
        var rate = ByteRate(bytesPerSecond: 1000, at: self.start)
        #expect(rate.spend(100, at: self.start + .seconds(60)) == .milliseconds(100))
    }

    @Test
    func noRateIsTooLowToDivideBy() {
        var rate = ByteRate(bytesPerSecond: 0, at: self.start)
        #expect(rate.spend(1, at: self.start) == .seconds(1))
    }
}
