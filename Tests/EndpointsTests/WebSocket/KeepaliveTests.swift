// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Endpoints

@Suite("Keepalive")
struct KeepaliveTests {
    private static func at(_ milliseconds: UInt64) -> NIODeadline { .uptimeNanoseconds(milliseconds * 1_000_000) }

    private static func keepalive() -> Keepalive {
        Keepalive(interval: .seconds(30), timeout: .seconds(10))
    }

    @Test func firstTicksAfterTheInterval() {
        #expect(Self.keepalive().firstDelay == .seconds(30))
    }

    @Test func anIntervalOfZeroNeverTicks() {
        #expect(Keepalive(interval: .zero, timeout: .seconds(10)).firstDelay == nil)
    }

    @Test func pingsAfterTheIntervalAndNotBefore() {
        var keepalive = Self.keepalive()
        #expect(
            keepalive.tick(at: Self.at(29_999), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
                == .wait(.milliseconds(1))
        )
        #expect(
            keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
                == .ping(thenWait: .seconds(10))
        )
    }

    @Test func waitsForTheRestOfTheSilence() {
        var keepalive = Self.keepalive()
        #expect(
            keepalive.tick(at: Self.at(30_000), lastRead: Self.at(12_000), acknowledged: 0, readingSince: Self.at(0))
                == .wait(.seconds(12))
        )
        #expect(
            keepalive.tick(at: Self.at(42_000), lastRead: Self.at(12_000), acknowledged: 0, readingSince: Self.at(0))
                == .ping(thenWait: .seconds(10))
        )
    }

    @Test func givesUpAfterTheTimeoutAndNotBefore() {
        var keepalive = Self.keepalive()
        _ = keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
        #expect(
            keepalive.tick(at: Self.at(39_999), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
                == .wait(.milliseconds(1))
        )
        #expect(
            keepalive.tick(at: Self.at(40_000), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
                == .giveUp(after: .seconds(10))
        )
    }

    /// So that Pings of a peer that answers are never further apart than the interval.
    @Test func looksAgainAfterTheIntervalWhenTheTimeoutIsLonger() {
        var keepalive = Keepalive(interval: .seconds(10), timeout: .seconds(30))
        let ping = keepalive.tick(at: Self.at(10_000), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
        #expect(ping == .ping(thenWait: .seconds(10)))
        let silent = keepalive.tick(
            at: Self.at(20_000),
            lastRead: Self.at(0),
            acknowledged: 0,
            readingSince: Self.at(0)
        )
        #expect(silent == .wait(.seconds(10)))
        let last = keepalive.tick(at: Self.at(40_000), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
        #expect(last == .giveUp(after: .seconds(30)))
    }

    @Test func aByteAfterThePingIsLife() {
        var keepalive = Self.keepalive()
        _ = keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
        #expect(
            keepalive.tick(at: Self.at(40_000), lastRead: Self.at(30_001), acknowledged: 0, readingSince: Self.at(0))
                == .wait(.milliseconds(20_001))
        )
        #expect(
            keepalive.tick(at: Self.at(60_001), lastRead: Self.at(30_001), acknowledged: 0, readingSince: Self.at(0))
                == .ping(thenWait: .seconds(10))
        )
    }

    @Test func aByteOfTheSameMomentAsThePingIsLife() {
        var keepalive = Self.keepalive()
        _ = keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
        #expect(
            keepalive.tick(at: Self.at(40_000), lastRead: Self.at(30_000), acknowledged: 0, readingSince: Self.at(0))
                == .wait(.seconds(20))
        )
    }

    @Test func aByteFromBeforeThePingIsNoLife() {
        var keepalive = Self.keepalive()
        _ = keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
        #expect(
            keepalive.tick(at: Self.at(40_000), lastRead: Self.at(29_999), acknowledged: 0, readingSince: Self.at(0))
                == .giveUp(after: .seconds(10))
        )
    }

    /// A slow peer under backpressure sends nothing, but takes bytes.
    @Test func aPeerThatTakesBytesIsPingedButNotGivenUp() {
        var keepalive = Self.keepalive()
        for round in 0..<10 {
            let now = Self.at(30_000 + UInt64(round) * 10_000)
            let action = keepalive.tick(
                at: now,
                lastRead: Self.at(0),
                acknowledged: round * 7,
                readingSince: Self.at(0)
            )
            #expect(action == .ping(thenWait: .seconds(10)))
        }
    }

    @Test(arguments: [(6, true), (7, false)])
    func theKernelThatTakesThePingItselfIsNoLife(acknowledged: Int, isGivenUp: Bool) {
        var keepalive = Self.keepalive()
        _ = keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
        let action = keepalive.tick(
            at: Self.at(40_000),
            lastRead: Self.at(0),
            acknowledged: acknowledged,
            readingSince: Self.at(0)
        )
        #expect((action == .giveUp(after: .seconds(10))) == isGivenUp)
    }

    @Test func aPeerThatIsNotReadFromIsNotGivenUp() {
        var keepalive = Self.keepalive()
        _ = keepalive.tick(at: Self.at(30_000), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
        let action = keepalive.tick(at: Self.at(40_000), lastRead: Self.at(0), acknowledged: 0, readingSince: nil)
        #expect(action == .ping(thenWait: .seconds(10)))
    }

    @Test func anIntervalShorterThanTheTimeoutIsKept() {
        var keepalive = Keepalive(interval: .seconds(1), timeout: .seconds(10))
        let first = keepalive.tick(at: Self.at(1000), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
        #expect(first == .ping(thenWait: .seconds(1)))
        let second = keepalive.tick(
            at: Self.at(2000),
            lastRead: Self.at(1500),
            acknowledged: 0,
            readingSince: Self.at(0)
        )
        #expect(second == .wait(.milliseconds(500)))
        let third = keepalive.tick(
            at: Self.at(2500),
            lastRead: Self.at(1500),
            acknowledged: 0,
            readingSince: Self.at(0)
        )
        #expect(third == .ping(thenWait: .seconds(1)))
    }

    /// It had not been looked at before, so nothing is known of it.
    @Test func givesAPeerThatIsReadAgainItsTime() {
        var keepalive = Keepalive(interval: .seconds(1), timeout: .seconds(1))
        let ping = keepalive.tick(at: Self.at(1000), lastRead: Self.at(0), acknowledged: 0, readingSince: Self.at(0))
        #expect(ping == .ping(thenWait: .seconds(1)))
        let again = keepalive.tick(
            at: Self.at(2000),
            lastRead: Self.at(0),
            acknowledged: 0,
            readingSince: Self.at(1999)
        )
        #expect(again == .wait(.milliseconds(999)))
        let silent = keepalive.tick(
            at: Self.at(2999),
            lastRead: Self.at(0),
            acknowledged: 0,
            readingSince: Self.at(1999)
        )
        #expect(silent == .giveUp(after: .seconds(1)))
    }
}
