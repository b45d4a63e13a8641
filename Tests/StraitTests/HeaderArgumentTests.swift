// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("Headers on the command line")
struct HeaderArgumentTests {
    @Test(arguments: [
        ("A: b", "A", "b"), ("A:b", "A", "b"), ("A:  \t b", "A", "b"), ("A: b c ", "A", "b c "), ("A:", "A", ""),
        ("A: ", "A", ""), ("A: b:c", "A", "b:c"), ("A::b", "A", ":b"), ("A: b\tc", "A", "b\tc"),
        ("X-1!#$%&'*+-.^_`|~: b", "X-1!#$%&'*+-.^_`|~", "b"), ("A: \u{E9}\u{1F600}", "A", "\u{E9}\u{1F600}"),
        ("Authorization: Basic dTpw", "Authorization", "Basic dTpw"), ("Cookie: a=\"b;c\"", "Cookie", "a=\"b;c\""),
    ])
    func splitsAtTheFirstColon(text: String, name: String, value: String) throws {
        let header = try #require(HeaderArgument(argument: text))
        #expect(header.name == name)
        #expect(header.value == value)
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
}
