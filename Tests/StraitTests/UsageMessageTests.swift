// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("Usage messages")
struct UsageMessageTests {
    private static func message(for words: [String]) -> String {
        do {
            _ = try Arguments.checked(words)
            return "no error"
        } catch {
            return UsageMessage(Arguments.message(for: error)).description
        }
    }

    @Test(arguments: [
        (["--linger", "5x"], "The value '5x' is invalid for '--linger <time>': use 500ms, 30s"),
        (["--max-header", "x"], "The value 'x' is invalid for '--max-header <size>': use 16k"),
        (["-H", "a b: c"], "The value 'a b: c' is invalid for '-H <NAME: VALUE>': use 'NAME: VALUE', 'NAME:'"),
        (["--max-links", "many"], "The value 'many' is invalid for '--max-links <number>': use a whole number"),
    ])
    func aWrongValueIsToldTheRightForms(words: [String], expected: String) {
        #expect(Self.message(for: words + ["ws://h/"]).hasPrefix(expected))
    }

    /// Else its value would be taken for an address, and be the one that is complained about.
    @Test(arguments: [["--timeout", "5", "ws://h/"], ["--timeout"], ["ws://h/", "--timeout=5"]])
    func anUnknownOptionIsNamed(words: [String]) {
        #expect(Self.message(for: words).hasPrefix("Unknown option '--timeout'"))
    }

    @Test func linesBecomeOne() {
        #expect(
            "\(UsageMessage("a\nb <time>'"))" == "a b <time>': use 500ms, 30s, 5m or 1h; a plain number means seconds"
        )
        #expect("\(UsageMessage("all's well"))" == "all's well")
        #expect("\(UsageMessage("<>'"))" == "<>'")
    }
}
