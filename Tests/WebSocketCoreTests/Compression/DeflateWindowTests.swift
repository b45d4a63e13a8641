// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketCore

@Suite("Deflate windows, RFC 7692 §7.1.2")
struct DeflateWindowTests {
    @Test func theyHave8To15Bits() {
        #expect((0...20).filter { DeflateWindow(bits: $0) != nil } == Array(8...15))
        #expect(DeflateWindow(bits: -9) == nil)
        #expect(DeflateWindow.largest.bits == 15)
        #expect(DeflateWindow.small < .largest)
    }

    @Test func aValueIsADecimalNumberWithoutLeadingZeros() {
        for bits in 8...15 { #expect(DeflateWindow(parameter: "\(bits)")?.bits == bits) }
        for value in ["", "7", "16", "08", "015", "+9", "-9", " 9", "9 ", "0x9", "٩", "9.0"] {
            #expect(DeflateWindow(parameter: value) == nil)
        }
    }
}
