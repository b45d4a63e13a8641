// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RelayCore

@Suite("Idle links")
struct IdleCheckTests {
    private let start = ContinuousClock.now

    @Test
    func aLinkWithoutABytExpiresAfterItsTime() {
        var check = IdleCheck(limit: .seconds(4), at: self.start)
        #expect(check.firstWait == .seconds(1))
        #expect(check.look(bytes: 0, isBusy: false, at: self.start + .seconds(1)) == .lookAgain(after: .seconds(1)))
        #expect(
            check.look(bytes: 0, isBusy: false, at: self.start + .milliseconds(3999))
                == .lookAgain(after: .milliseconds(5))
        )
        #expect(check.look(bytes: 0, isBusy: false, at: self.start + .seconds(4)) == .expired)
    }

    @Test
    func aByteBeginsTheTimeAnew() {
        var check = IdleCheck(limit: .seconds(4), at: self.start)
        #expect(check.look(bytes: 1, isBusy: false, at: self.start + .seconds(3)) == .lookAgain(after: .seconds(1)))
        #expect(check.look(bytes: 1, isBusy: false, at: self.start + .seconds(6)) == .lookAgain(after: .seconds(1)))
        #expect(check.look(bytes: 1, isBusy: false, at: self.start + .seconds(7)) == .expired)
    }

    @Test
    func whatWaitsForRoomIsNotIdle() {
        var check = IdleCheck(limit: .seconds(4), at: self.start)
        #expect(check.look(bytes: 0, isBusy: true, at: self.start + .seconds(9)) == .lookAgain(after: .seconds(1)))
        #expect(check.look(bytes: 0, isBusy: false, at: self.start + .seconds(13)) == .expired)
    }
}
