// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("Sizes of messages that pass")
struct SizeFindingsTests {
    private static func step(_ passed: Int, _ refused: (Int, SizeFindings.Refusal)?) -> CheckStep {
        var findings = SizeFindings(relayFrame: 256 << 10)
        findings.passed = passed
        findings.refused = refused.map { ($0.0, $0.1) }
        return findings.step(time: .zero)
    }

    @Test func allPass() {
        let step = Self.step(1 << 20, nil)
        #expect(step.result == .ok)
        #expect(step.detail == "messages up to 1m pass, a Pong follows each")
        #expect(step.advice == nil)
    }

    @Test(arguments: [.tooBig("1009"), .cut("reset")] as [SizeFindings.Refusal])
    func aLimitBelowARelaysFrameIsAFailure(why: SizeFindings.Refusal) {
        let step = Self.step(64 << 10, (256 << 10, why))
        #expect(step.result == .failed)
        #expect(step.advice?.contains("--max-frame 64k") == true)
    }

    @Test(arguments: [.tooBig("1009"), .cut("reset")] as [SizeFindings.Refusal])
    func aLimitFromARelaysFrameOnIsNone(why: SizeFindings.Refusal) {
        #expect(Self.step(256 << 10, (1 << 20, why)).result == .warning)
    }

    @Test(arguments: [.disliked("1000"), .cut("reset"), .silence(.seconds(1))] as [SizeFindings.Refusal])
    func aServiceThatLikesNothingSaysNothingOfSizes(why: SizeFindings.Refusal) {
        let step = Self.step(0, (1 << 10, why))
        #expect(step.result == .unknown)
        #expect(step.advice?.contains("--max-size 0") == true)
    }

    @Test func noRelayTakesAShorterFrameThanOfAKibibyte() {
        let step = Self.step(1023, (1024, .tooBig("1009")))
        #expect(step.result == .failed)
        #expect(step.advice?.contains("--max-frame") == false)
        #expect(Self.step(1024, (1025, .tooBig("1009"))).advice?.contains("--max-frame 1k") == true)
    }

    @Test func tooBigIsALimitFromTheFirstMessageOn() {
        #expect(Self.step(0, (1 << 10, .tooBig("1009"))).result == .failed)
    }
}
