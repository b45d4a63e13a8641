// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("Silence on a path")
struct IdleFindingsTests {
    private static func step(_ outcome: IdleFindings.Outcome, pinging interval: Duration) -> CheckStep {
        IdleFindings(outcome: outcome, silence: .seconds(120), pingInterval: interval).step(time: .seconds(120))
    }

    @Test func anAnswerIsAllThatIsWanted() {
        #expect(Self.step(.alive, pinging: .zero).result == .ok)
    }

    @Test(
        arguments: [
            (.seconds(30), .failed), (.milliseconds(30_001), .warning), (.seconds(60), .warning),
            (.seconds(2), .failed),
        ] as [(Duration, CheckStep.Result)]
    )
    func aCutMattersIfNoPingComesBefore(after: Duration, result: CheckStep.Result) {
        #expect(Self.step(.cut(after: after, "gone"), pinging: .seconds(30)).result == result)
    }

    @Test func withoutPingsEachCutMatters() {
        #expect(Self.step(.cut(after: .seconds(100), "gone"), pinging: .zero).result == .failed)
        #expect(Self.step(.dead, pinging: .zero).result == .failed)
    }

    @Test func aDeadPathMayBeKeptAliveByPings() {
        #expect(Self.step(.dead, pinging: .seconds(119)).result == .warning)
        #expect(Self.step(.dead, pinging: .seconds(120)).result == .failed)
    }

    @Test(
        arguments: [
            (.milliseconds(1499), "500ms"), (.milliseconds(1500), "1s"), (.seconds(61), "30s"), (.seconds(240), "2m"),
        ] as [(Duration, String)]
    )
    func theAdviceIsHalfTheLimit(limit: Duration, interval: String) {
        let step = Self.step(.cut(after: limit, "gone"), pinging: .zero)
        #expect(step.advice?.contains("--ping-interval \(interval);") == true)
    }
}
