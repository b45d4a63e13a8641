// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Endpoints

@Suite("Rate of control frames")
struct ControlFrameRateTests {
    private static func at(_ milliseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(0) + .seconds(1000) + .milliseconds(milliseconds)
    }

    @Test(arguments: [(9, false), (10, false), (11, true)])
    func aSecondsWorthMayComeAtOnce(frames: Int, waits: Bool) {
        var rate = ControlFrameRate(perSecond: 10)
        for _ in 0..<frames { rate.count(at: Self.at(0)) }
        #expect((rate.readsAgain > Self.at(0)) == waits)
    }

    @Test func whoSendsMoreIsReadWhenItsFramesAreDue() {
        var rate = ControlFrameRate(perSecond: 10)
        for _ in 0..<30 { rate.count(at: Self.at(0)) }
        #expect(rate.readsAgain == Self.at(2000))
    }

    @Test func whoKeepsTheRateIsNeverHeldBack() {
        var rate = ControlFrameRate(perSecond: 10)
        for frame in 0..<100 {
            rate.count(at: Self.at(Int64(frame) * 100))
            #expect(rate.readsAgain <= Self.at(Int64(frame) * 100))
        }
    }

    @Test func zeroIsAnyNumber() {
        var rate = ControlFrameRate(perSecond: 0)
        for _ in 0..<1000 { rate.count(at: Self.at(0)) }
        #expect(rate.readsAgain < Self.at(0))
    }

    @Test func aRateOverTheClocksResolutionNeverHoldsBack() {
        var rate = ControlFrameRate(perSecond: Int.max)
        for _ in 0..<1000 { rate.count(at: Self.at(0)) }
        #expect(rate.readsAgain <= Self.at(0))
    }
}
