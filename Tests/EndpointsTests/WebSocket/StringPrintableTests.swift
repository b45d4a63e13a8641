// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Printable text")
struct StringPrintableTests {
    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("a b", "a b"), ("a  b", "a b"), (" a ", "a"), ("  ", ""), ("a\nb", "a b"),
        ("a\r\nb", "a b"), ("\r\n\r\n", ""), ("a\r\n\r\n b\n", "a b"), ("a\tb", "a b"), ("a\u{0}b", "a b"),
        ("\u{1B}[31mred", "[31mred"), ("a\u{7F}b", "a b"), ("a\u{85}b", "a b"), ("a\u{9B}b", "a b"),
        ("a\u{A0}b", "a b"), ("a\u{2028}b\u{2029}c", "a b c"), ("a\u{202E}b", "a b"), ("a\u{FEFF}b", "a b"),
        ("a\u{200B}b", "a b"), ("\u{E9}e\u{301}\u{1F600}", "\u{E9}e\u{301}\u{1F600}"), ("\"\\", "\"\\"),
    ])
    func isOneLineWithoutControlCharacters(text: String, printable: String) {
        #expect(text.printable == printable)
    }

    @Test func isPrintableWhateverComes() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<2_000 {
            let bytes = (0..<30).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text = String(decoding: bytes, as: UTF8.self).printable
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
            #expect(text.printable == text)
        }
    }
}
