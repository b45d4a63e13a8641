// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import Testing

@testable import strait

@Suite("Headers on the command line")
struct HeaderArgumentTests {
    @Test(arguments: [
        ("A: b", "A", "b"), ("A:b", "A", "b"), ("A:  \t b", "A", "b"), ("A: b c ", "A", "b c "),
        ("A: b:c", "A", "b:c"), ("A::b", "A", ":b"), ("A: b\tc", "A", "b\tc"),
        ("X-1!#$%&'*+-.^_`|~: b", "X-1!#$%&'*+-.^_`|~", "b"), ("A: \u{E9}\u{1F600}", "A", "\u{E9}\u{1F600}"),
        ("Authorization: Basic dTpw", "Authorization", "Basic dTpw"), ("Cookie: a=\"b;c\"", "Cookie", "a=\"b;c\""),
    ])
    func splitsAtTheFirstColon(text: String, name: String, value: String) {
        guard case .change(let change)? = HeaderArgument(argument: text) else {
            Issue.record("\(text) is refused")
            return
        }
        #expect(change == .set(name: name, value: value))
    }

    @Test(arguments: [
        "", "A", "A b", ": b", ":", " A: b", "A : b", "A\t: b", "A B: c", "\u{E9}: b", "\u{7F}: b", "A\r\n: b",
        "(A): b", "A/B: c", "A=B: c", "A@B: c", "\"A\": b", "[A]: b", "A,B: c", "A;B: c",
    ])
    func refusesWhatIsNoFieldName(text: String) {
        #expect(HeaderArgument(argument: text) == nil)
    }

    @Test(arguments: [
        "A: b\r\nC: d", "A: b\nC: d", "A: b\rC: d", "A: b\r\n", "A: \n", "A:\r\nC: d", "A: b\u{0}", "A: \u{1B}[2J",
        "A: b\u{7F}",
    ])
    func refusesAValueThatWouldBeginAnotherField(text: String) {
        #expect(HeaderArgument(argument: text) == nil)
    }

    @Test(
        arguments: [
            ("A: b", .set(name: "A", value: "b")), ("A:b", .set(name: "A", value: "b")),
            ("A: b:c;", .set(name: "A", value: "b:c;")), ("A:", .remove(name: "A")), ("A:  ", .remove(name: "A")),
            ("A;", .set(name: "A", value: "")), ("A; ", .set(name: "A", value: "")), ("A", nil), ("", nil), (":", nil),
            (";", nil), ("A;b", nil), ("A b: c", nil), ("A: b\r\nC: d", nil), ("A: \u{1B}", nil),
        ] as [(String, HeaderChange?)]
    )
    func meansWhatItMeansToCurl(text: String, change: HeaderChange?) {
        guard case .change(let parsed) = HeaderArgument(argument: text) else {
            #expect(change == nil)
            return
        }
        #expect(parsed == change)
    }

    @Test func anAtMeansAFile() {
        guard case .file("/a/b") = HeaderArgument(argument: "@/a/b") else {
            Issue.record("no file")
            return
        }
    }
}
