// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Operations

@Suite("Log lines")
struct LogLineTests {
    @Test
    func textHasFieldsBehindTheMessage() {
        let line = LogLine("link ended", fields: [("id", "7"), ("reason", "closed by peer"), ("user", "")])
        #expect(line.text == "link ended id=7 reason=\"closed by peer\" user=\"\"")
    }

    @Test
    func jsonIsOneObject() {
        let line = LogLine("link ended", fields: [("id", "7"), ("route", "/a \"b\""), ("zeros", "007")])
        let json = line.json(time: "2026-01-31T12:00:00.000Z", level: "info")
        #expect(
            json == #"""
                {"time":"2026-01-31T12:00:00.000Z","level":"info","message":"link ended","id":7,\#
                "route":"/a \"b\"","zeros":"007"}
                """#
        )
    }

    @Test(arguments: [
        "a\nstrait: listening", "a\r\nb", "\u{1B}[2J", "a\u{0}b", "\u{85}", "\u{2028}x", "\u{202E}x", "\u{9B}31m",
        "x\u{7F}",
        "\u{FEFF}", "\u{E0041}",
    ])
    func nothingBreaksALineOrHidesInIt(hostile: String) {
        let line = LogLine(hostile, fields: [("name", hostile), (hostile, "value")])
        for text in [line.text, line.json(time: "t", level: "l")] {
            let isClean = text.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned: false
                default: true
                }
            }
            #expect(isClean, "\(text.debugDescription)")
        }
    }

    @Test
    func aValueCannotLookLikeAnotherField() {
        let line = LogLine("m", fields: [("user", "eve status=0"), ("user", "a\" b=\"c"), ("user", "back\\slash")])
        #expect(line.text == #"m user="eve status=0" user="a\" b=\"c" user="back\\slash""#)
        let json = LogLine("m", fields: [("user", "\",\"admin\":\"true")]).json(time: "t", level: "l")
        #expect(json == #"{"time":"t","level":"l","message":"m","user":"\",\"admin\":\"true"}"#)
    }

    @Test
    func characterOutsideTheFirstPlaneAreTwoEscapes() {
        #expect(LogLine("\u{E0041}").json(time: "t", level: "l").contains(#"\udb40\udc41"#))
        #expect(LogLine("grüße 🙂").text == "grüße 🙂")
    }

    @Test(arguments: ["0", "7", "1.250", "0.001", "18446744073709551615"])
    func numbersCanBeSummedUp(number: String) {
        #expect(LogLine("m", fields: [("n", number)]).json(time: "t", level: "l").hasSuffix(",\"n\":\(number)}"))
    }

    @Test(arguments: ["", "007", "1.", ".5", "1.2.3", "-1", "1e5", "NaN", "0x1", "٣", "00.1", "123456789012345678901"])
    func whatJSONHasNoNumberForIsAText(text: String) {
        #expect(LogLine("m", fields: [("n", text)]).json(time: "t", level: "l").hasSuffix(",\"n\":\"\(text)\"}"))
    }

    @Test
    func fieldsComeInTheOrderInWhichTheyAreLookedFor() {
        let line = LogLine("m", ["zebra": "1", "reason": "r", "id": "7", "apple": "2", "source": "unix"])
        #expect(line.text == "m id=7 source=unix reason=r apple=2 zebra=1")
    }

    @Test
    func timeIsInUTC() {
        #expect("\(Timestamp(seconds: 0, milliseconds: 7))" == "1970-01-01T00:00:00.007Z")
        #expect("\(Timestamp(seconds: 1_709_210_096, milliseconds: 123))" == "2024-02-29T12:34:56.123Z")
    }
}
