// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import RelayCore

@Suite("Idle timer")
struct IdleTimerTests {
    private final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { self.count.load(ordering: .relaxed) }
        func add() { self.count.add(1, ordering: .relaxed) }
    }

    private let executor = ManualExecutor()
    private let fired = Counter()

    private func timer(_ duration: Duration) -> IdleTimer {
        let fired = self.fired
        return IdleTimer(duration, idle: .local, executor: self.executor) { fired.add() }
    }

    @Test func waitsForItsDuration() {
        let timer = self.timer(.seconds(30))
        #expect(self.executor.delays == [.seconds(30)])
        #expect(self.fired.value == 0)
        timer.cancel()
    }

    @Test func firesOnceWhenNothingMoved() {
        let timer = self.timer(.zero)
        self.executor.fireTimers()
        #expect(self.fired.value == 1)
        #expect(self.executor.delays.isEmpty)
        timer.cancel()
    }

    @Test func waitsForTheRestAfterAByteOfItsSide() throws {
        let timer = self.timer(.seconds(3600))
        timer.touch(.local)
        self.executor.fireTimers()
        #expect(self.fired.value == 0)
        let delay = try #require(self.executor.delays.first)
        #expect(delay > .zero && delay <= .seconds(3600))
        timer.cancel()
    }

    @Test func aByteOfTheOtherSideDoesNotCount() {
        let duration = Duration.milliseconds(2)
        let timer = self.timer(duration)
        let start = ContinuousClock.now
        while ContinuousClock.now - start <= duration {}
        timer.touch(.remote)
        self.executor.fireTimers()
        #expect(self.fired.value == 1)
        timer.cancel()
    }

    @Test func neverFiresOnceCancelled() {
        let timer = self.timer(.zero)
        timer.cancel()
        self.executor.fireTimers()
        #expect(self.fired.value == 0)
        #expect(self.executor.delays.isEmpty)
    }

    @Test func neverFiresOnceReleased() {
        _ = self.timer(.zero)
        self.executor.fireTimers()
        #expect(self.fired.value == 0)
    }
}
