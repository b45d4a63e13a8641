// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Which streams are bulk ones")
struct BulkDetectorTests {
    private let full = ReadBuffers.largeFill

    @Test(arguments: [(3, false), (4, true), (5, true)])
    func fourReadsInARowThatFillALargeBufferMakeOne(fullReads: Int, isBulk: Bool) {
        var detector = BulkDetector()
        for _ in 0..<3 { detector.hasRead(self.full) }
        // One shorter one begins the count anew.
        detector.hasRead(self.full - 1)
        for _ in 0..<fullReads { detector.hasRead(self.full) }
        #expect(detector.isBulk == isBulk)
    }

    @Test(arguments: [(3, true), (4, false)])
    func fourReadsInARowThatALargeBufferHoldsEndIt(shortReads: Int, isBulk: Bool) {
        var detector = BulkDetector()
        for _ in 0..<4 { detector.hasRead(self.full) }
        for _ in 0..<3 { detector.hasRead(self.full - 1) }
        // One that a large one would not have held begins the count anew.
        detector.hasRead(self.full)
        for _ in 0..<shortReads { detector.hasRead(self.full - 1) }
        #expect(detector.isBulk == isBulk)
    }

    /// As behind a slow sink, or one whose rate is bounded.
    @Test func whatIsHeldEndsItAndBeginsTheCountAnew() {
        var detector = BulkDetector()
        for _ in 0..<4 { detector.hasRead(self.full) }
        detector.hasWaited()
        #expect(!detector.isBulk)
        for _ in 0..<3 { detector.hasRead(self.full) }
        detector.hasWaited()
        for _ in 0..<3 { detector.hasRead(self.full) }
        #expect(!detector.isBulk)
        detector.hasRead(self.full)
        #expect(detector.isBulk)
    }
}
