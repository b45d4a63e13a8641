// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Endpoints

@Suite("Dump of bytes")
struct HexDumpTests {
    private static func dump(_ text: String, hasHex: Bool) -> String {
        var out = ByteBuffer()
        HexDump.write(ByteBuffer(string: text).readableBytesView, hasHex: hasHex, to: &out)
        return String(buffer: out)
    }

    @Test func hasSixteenBytesALine() {
        let lines = Self.dump("0123456789abcdefXY\n", hasHex: true).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0] == "0000: 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 0123456789abcdef")
        #expect(lines[1] == "0010: 58 59 0a " + String(repeating: " ", count: 13 * 3) + "XY.")
    }

    @Test func withoutHexALineOfTextIsALine() {
        #expect(
            Self.dump("GET / HTTP/1.1\r\nA: b\r\n\r\n", hasHex: false) == "0000: GET / HTTP/1.1\n0010: A: b\n0016: \n"
        )
    }

    @Test func withoutHexALineHas64Bytes() {
        let text = String(repeating: "x", count: 65)
        #expect(Self.dump(text, hasHex: false) == "0000: \(text.dropLast())\n0040: x\n")
    }

    @Test func nothingThatActsOnATerminalIsShown() {
        #expect(Self.dump("\u{1B}[31m\u{7F}ü", hasHex: false) == "0000: .[31m...\n")
    }

    @Test func nothingIsNoLine() {
        #expect(Self.dump("", hasHex: true).isEmpty)
    }
}
