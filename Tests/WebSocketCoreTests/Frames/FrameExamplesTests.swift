// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import WebSocketCore

@Suite("Examples, RFC 6455 §5.7")
struct FrameExamplesTests {
    private static let maskedHello: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
    private static let hello: [UInt8] = [0x48, 0x65, 0x6C, 0x6C, 0x6F]

    @Test func readsAnUnmaskedText() {
        #expect(hear([0x81, 0x05] + Self.hello) == [.text(buffer("Hello"))])
    }

    @Test func readsAMaskedText() {
        #expect(hear(Self.maskedHello, as: .server) == [.text(buffer("Hello"))])
    }

    @Test func readsAFragmentedText() {
        #expect(hear([0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]) == [.text(buffer("Hello"))])
    }

    @Test func readsAPingAndItsPong() {
        #expect(hear([0x89, 0x05] + Self.hello) == [.ping(buffer("Hello"))])
        #expect(hear([0x8A] + Self.maskedHello[1...], as: .server) == [.pong(buffer("Hello"))])
    }

    @Test func readsLongBinaries() {
        let medium = pattern(256)
        #expect(hear([0x82, 0x7E, 0x01, 0x00] + medium.array) == [.binary(medium)])
        let long = pattern(65_536)
        #expect(hear([0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + long.array) == [.binary(long)])
    }

    @Test func writesTheSameBytes() {
        let key = MaskKey(littleEndian: 0x3D21_FA37)
        var out = ByteBuffer()
        FrameWriter(role: .client).writeFrame(opcode: .text, payload: buffer("Hello"), maskKey: key, to: &out)
        #expect(out.array == Self.maskedHello)
        out.clear()
        FrameWriter(role: .server).writeFrame(
            opcode: .text,
            isFinal: false,
            payload: buffer("Hel"),
            maskKey: key,
            to: &out
        )
        FrameWriter(role: .server).writeFrame(opcode: .continuation, payload: buffer("lo"), maskKey: key, to: &out)
        #expect(out.array == [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F])
    }
}
