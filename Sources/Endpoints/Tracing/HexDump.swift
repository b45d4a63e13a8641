// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Bytes for people to read, in curl's form.
enum HexDump {
    private static let digits = Array("0123456789abcdef".utf8)
    private static let bytesInHexLine = 16
    private static let bytesInTextLine = 64

    /// Appends lines such as `0000: 48 65 6c 6c 6f ...  Hello`; without hex, `0000: Hello`.
    static func write(_ bytes: ByteBufferView, hasHex: Bool, to out: inout ByteBuffer) {
        let length = hasHex ? self.bytesInHexLine : self.bytesInTextLine
        var offset = 0
        var rest = bytes
        while !rest.isEmpty {
            var line = rest.prefix(length)
            // Without hex, a line of text is a line of the dump.
            let lineEnd = hasHex ? nil : line.firstIndex(of: UInt8(ascii: "\n"))
            if let lineEnd { line = line[...lineEnd] }
            self.write(number: offset, digits: 4, to: &out)
            out.writeStaticString(": ")
            if hasHex { self.writeHex(line, padded: length, to: &out) }
            for byte in line where hasHex || !self.isLineEnd(byte) { out.writeInteger(self.printable(byte)) }
            out.writeStaticString("\n")
            offset += line.count
            rest = rest.dropFirst(line.count)
        }
    }

    private static func writeHex(_ line: ByteBufferView, padded length: Int, to out: inout ByteBuffer) {
        for byte in line {
            out.writeInteger(self.digits[Int(byte >> 4)])
            out.writeInteger(self.digits[Int(byte & 0xF)])
            out.writeInteger(UInt8(ascii: " "))
        }
        out.writeRepeatingByte(UInt8(ascii: " "), count: (length - line.count) * 3)
    }

    /// In hexadecimal, with at least so many digits.
    static func write(number: Int, digits: Int, to out: inout ByteBuffer) {
        let text = String(number, radix: 16)
        out.writeRepeatingByte(UInt8(ascii: "0"), count: max(0, digits - text.utf8.count))
        out.writeString(text)
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
    }

    private static func printable(_ byte: UInt8) -> UInt8 {
        byte >= 0x20 && byte < 0x7F ? byte : UInt8(ascii: ".")
    }
}
