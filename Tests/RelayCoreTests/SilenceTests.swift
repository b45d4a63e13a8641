// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RelayCore

@Suite("Silence of a peer")
struct SilenceTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { self.start + .seconds(seconds) }

    private func silence(_ limit: Duration, undelivered: Int = 0, after previous: Silence? = nil) -> Silence {
        Silence(limit: limit, undelivered: undelivered, at: self.start, after: previous)
    }

    @Test func lastsForItsLimit() {
        var silence = self.silence(.seconds(5))
        #expect(silence.look(undelivered: 0, at: self.at(0)) == .seconds(5))
        #expect(silence.look(undelivered: 0, at: self.at(4.5)) == .milliseconds(500))
        #expect(silence.look(undelivered: 0, at: self.at(5)) == nil)
    }

    @Test func aByteBreaksIt() {
        var silence = self.silence(.seconds(5))
        silence.heard(at: self.at(3))
        #expect(silence.look(undelivered: 0, at: self.at(5)) == .seconds(3))
        #expect(silence.look(undelivered: 0, at: self.at(8)) == nil)
    }

    @Test func beginsOnceThePeersKernelHasEverything() {
        var silence = self.silence(.seconds(5), undelivered: 900)
        for second in 0...60 {
            #expect(silence.look(undelivered: 900 - second, at: self.at(Double(second))) == .milliseconds(500))
        }
        #expect(silence.look(undelivered: 0, at: self.at(61)) == .seconds(5))
        #expect(silence.look(undelivered: 0, at: self.at(65.9)) != nil)
        #expect(silence.look(undelivered: 0, at: self.at(66)) == nil)
    }

    @Test(arguments: [1.0, 5, 29, 30])
    func aPeerThatTakesNothingIsSilentAfter30Seconds(limit: Double) {
        var silence = self.silence(.seconds(limit), undelivered: 7)
        #expect(silence.look(undelivered: 6, at: self.at(10)) != nil)
        #expect(silence.look(undelivered: 6, at: self.at(39.9)) != nil)
        #expect(silence.look(undelivered: 6, at: self.at(40)) == nil)
    }

    @Test func aLimitThatIsLongerHolds() {
        var silence = self.silence(.seconds(100), undelivered: 7)
        #expect(silence.look(undelivered: 7, at: self.at(99.9)) != nil)
        #expect(silence.look(undelivered: 7, at: self.at(100)) == nil)
    }

    /// Such as a Ping, behind what it does not read.
    @Test func moreToTakeIsNothingTaken() {
        var silence = self.silence(.seconds(5), undelivered: 7)
        #expect(silence.look(undelivered: 13, at: self.at(29.9)) != nil)
        #expect(silence.look(undelivered: 13, at: self.at(30)) == nil)
    }

    /// It has been given its time already, so that it gets no more of it with each step of an end.
    @Test func whatIsKnownOfAPeerIsKept() {
        var first = Silence(limit: .seconds(1), undelivered: 7, at: self.at(-31))
        #expect(first.look(undelivered: 7, at: self.at(0)) == nil)
        var second = self.silence(.seconds(5), undelivered: 9, after: first)
        #expect(second.look(undelivered: 9, at: self.at(4.9)) != nil)
        #expect(second.look(undelivered: 9, at: self.at(5)) == nil)
    }

    @Test(arguments: [(0.001, 10), (0.1, 10), (1, 100), (10, 1000), (60, 1000)] as [(Double, Int)])
    func isLookedAtTenTimesAndEachSecond(limit: Double, wait: Int) {
        var silence = self.silence(.seconds(limit), undelivered: 1)
        #expect(silence.look(undelivered: 1, at: self.at(0)) == .milliseconds(wait))
    }

    @Test func aLimitOfZeroIsOverAtOnce() {
        var silence = self.silence(.zero)
        #expect(silence.look(undelivered: 0, at: self.at(0)) == nil)
    }
}
