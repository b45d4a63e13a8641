// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("An error's line in two")
struct AdviceTests {
    @Test(
        arguments: [
            ("no name (check it)", "no name", "check it"),
            ("a (b) c (d (e) f)", "a (b) c", "d (e) f"),
            ("HTTP 403: \"x)\" (ask)", "HTTP 403: \"x)\"", "ask"),
        ]
    )
    func theLastBracketsAreAdvice(line: String, reason: String, advice: String) {
        #expect(Advice(line).reason == reason)
        #expect(Advice(line).advice == advice)
    }

    @Test(arguments: ["", "nothing", "a (b) c", "f(x)", "(all)", "a)", "a b)"])
    func withoutThemThereIsNone(line: String) {
        #expect(Advice(line).reason == line)
        #expect(Advice(line).advice == nil)
    }
}
