// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Endpoints

@Suite("Keepalive")
struct KeepaliveTests {
    private static func at(_ milliseconds: UInt64) -> NIODeadline { .uptimeNanoseconds(milliseconds * 1_000_000) }

    private static func keepalive() -> Keepalive {
        Keepalive(interval: .seconds(30), timeout: .seconds(10), now: Self.at(0))
    }

    @Test func firstTicksAfterTheInterval() {
        #expect(Self.keepalive().firstDelay == .seconds(30))
    }

    @Test func anIntervalOfZeroNeverTicks() {
        #expect(Keepalive(interval: .zero, timeout: .seconds(10)).firstDelay == nil)
    }

    @Test func pingsAfterTheIntervalAndNotBefore() {
        var keepalive = Self.keepalive()
        #expect(keepalive.tick(at: Self.at(29_999), lastRead: Self.at(0), unacknowledged: 0) == .wait(.milliseconds(1)))
        #expect(
            keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), unacknowledged: 0)
                == .ping(thenWait: .seconds(10))
        )
    }

    @Test func waitsForTheRestOfTheSilence() {
        var keepalive = Self.keepalive()
        #expect(
            keepalive.tick(at: Self.at(30_000), lastRead: Self.at(12_000), unacknowledged: 0) == .wait(.seconds(12))
        )
        #expect(
            keepalive.tick(at: Self.at(42_000), lastRead: Self.at(12_000), unacknowledged: 0)
                == .ping(thenWait: .seconds(10))
        )
    }

    @Test func givesUpAfterTheTimeoutAndNotBefore() {
        var keepalive = Self.keepalive()
        _ = keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), unacknowledged: 0)
        #expect(keepalive.tick(at: Self.at(39_999), lastRead: Self.at(0), unacknowledged: 0) == .wait(.milliseconds(1)))
        #expect(
            keepalive.tick(at: Self.at(40_000), lastRead: Self.at(0), unacknowledged: 0) == .giveUp(after: .seconds(10))
        )
    }

    /// So that Pings of a peer that answers are never further apart than the interval.
    @Test func looksAgainAfterTheIntervalWhenTheTimeoutIsLonger() {
        var keepalive = Keepalive(interval: .seconds(10), timeout: .seconds(30), now: Self.at(0))
        let ping = keepalive.tick(at: Self.at(10_000), lastRead: Self.at(0), unacknowledged: 0)
        #expect(ping == .ping(thenWait: .seconds(10)))
        let silent = keepalive.tick(at: Self.at(20_000), lastRead: Self.at(0), unacknowledged: 0)
        #expect(silent == .wait(.seconds(10)))
        let last = keepalive.tick(at: Self.at(40_000), lastRead: Self.at(0), unacknowledged: 0)
        #expect(last == .giveUp(after: .seconds(30)))
    }

    @Test func aByteAfterThePingIsLife() {
        var keepalive = Self.keepalive()
        _ = keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), unacknowledged: 0)
        #expect(
            keepalive.tick(at: Self.at(40_000), lastRead: Self.at(30_001), unacknowledged: 0)
                == .wait(.milliseconds(20_001))
        )
        #expect(
            keepalive.tick(at: Self.at(60_001), lastRead: Self.at(30_001), unacknowledged: 0)
                == .ping(thenWait: .seconds(10))
        )
    }

    @Test func aByteOfTheSameMomentAsThePingIsLife() {
        var keepalive = Self.keepalive()
        _ = keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), unacknowledged: 0)
        #expect(
            keepalive.tick(at: Self.at(40_000), lastRead: Self.at(30_000), unacknowledged: 0) == .wait(.seconds(20))
        )
    }

    @Test func aByteFromBeforeThePingIsNoLife() {
        var keepalive = Self.keepalive()
        _ = keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), unacknowledged: 0)
        #expect(
            keepalive.tick(at: Self.at(40_000), lastRead: Self.at(29_999), unacknowledged: 0)
                == .giveUp(after: .seconds(10))
        )
    }

    /// A slow peer under backpressure sends nothing, but takes bytes.
    @Test func aPeerThatTakesBytesIsPingedButNotGivenUp() {
        var keepalive = Self.keepalive()
        for round in 0..<10 {
            let now = 30_000 + UInt64(round) * 10_000
            #expect(
                keepalive.tick(at: Self.at(now), lastRead: Self.at(0), unacknowledged: 0)
                    == .ping(thenWait: .seconds(10))
            )
            keepalive.accepted(at: Self.at(now + 9_999))
        }
        // The first tick after the last byte pings once more, the second gives up.
        #expect(
            keepalive.tick(at: Self.at(130_000), lastRead: Self.at(0), unacknowledged: 0)
                == .ping(thenWait: .seconds(10))
        )
        #expect(
            keepalive.tick(at: Self.at(140_000), lastRead: Self.at(0), unacknowledged: 0)
                == .giveUp(after: .seconds(10))
        )
    }

    /// A peer that reads slowly, from bytes that our kernel holds.
    @Test func fewerUnacknowledgedBytesThanAtThePingAreLife() {
        var keepalive = Self.keepalive()
        _ = keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), unacknowledged: 500)
        let taken = keepalive.tick(at: Self.at(40_000), lastRead: Self.at(0), unacknowledged: 499)
        #expect(taken == .ping(thenWait: .seconds(10)))
        let stuck = keepalive.tick(at: Self.at(50_000), lastRead: Self.at(0), unacknowledged: 499)
        #expect(stuck == .giveUp(after: .seconds(10)))
    }

    @Test func bytesTakenBeforeThePingAreNoLife() {
        var keepalive = Self.keepalive()
        keepalive.accepted(at: Self.at(29_999))
        #expect(
            keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), unacknowledged: 0)
                == .ping(thenWait: .seconds(10))
        )
        #expect(
            keepalive.tick(at: Self.at(40_000), lastRead: Self.at(0), unacknowledged: 0) == .giveUp(after: .seconds(10))
        )
    }

    @Test func aTickThatComesLateGivesUpAllTheSame() {
        var keepalive = Self.keepalive()
        #expect(
            keepalive.tick(at: Self.at(95_000), lastRead: Self.at(0), unacknowledged: 0)
                == .ping(thenWait: .seconds(10))
        )
        #expect(
            keepalive.tick(at: Self.at(500_000), lastRead: Self.at(0), unacknowledged: 0)
                == .giveUp(after: .seconds(10))
        )
    }
}
