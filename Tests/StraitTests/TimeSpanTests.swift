// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("Times on the command line")
struct TimeSpanTests {
    @Test(
        arguments: [
            ("0", .zero), ("0ms", .zero), ("0s", .zero), ("1ms", .milliseconds(1)), ("500ms", .milliseconds(500)),
            ("1500ms", .milliseconds(1500)), ("30s", .seconds(30)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
            ("0.5s", .milliseconds(500)), ("1.5m", .seconds(90)), ("0.001s", .milliseconds(1)), ("007s", .seconds(7)),
        ] as [(String, Duration)]
    )
    func takesUnits(text: String, duration: Duration) {
        #expect(TimeSpan(argument: text)?.duration == duration)
    }

    @Test(arguments: [("30", .seconds(30)), ("2.5", .milliseconds(2500))] as [(String, Duration)])
    func aPlainNumberMeansSeconds(text: String, duration: Duration) {
        #expect(TimeSpan(argument: text)?.duration == duration)
    }

    @Test(arguments: ["8760h", "525600m", "31536000s", "31536000"])
    func aYearIsTheLongest(text: String) {
        #expect(TimeSpan(argument: text)?.duration == .seconds(31_536_000))
    }

    @Test(arguments: [
        "8761h", "31536001", "31536000001ms", "1" + String(repeating: "0", count: 400), "9223372036854775808",
    ])
    func refusesMore(text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }

    @Test(arguments: [
        "", "s", "ms", "m", "h", "-1", "-1s", "+1", "+1s", " 1", "1 ", "1 s", ".5", "1.2.3", "1,5", "1S", "1MS", "1d",
        "1sm",
        "5min", "30sec", "inf", "infinity", "nan", "1e3", "1e3s", "0x10", "0x10s", "1_000", "\u{0661}",
    ])
    func refusesWhatIsNoTime(text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }

    /// Zero means something else: never, or at once.
    @Test(arguments: ["0.4ms", "0.0001s", "0.0001"])
    func aShortTimeIsNotTakenForZero(text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }

    @Test(arguments: ["500ms", "30s", "5m", "60m", "1500ms", "0s"])
    func isShownAsItIsTyped(text: String) throws {
        #expect(try #require(TimeSpan(argument: text)).defaultValueDescription == text)
    }
}
