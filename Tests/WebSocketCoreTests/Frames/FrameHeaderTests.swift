// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import WebSocketCore

@Suite("Frame header, RFC 6455 §5.2")
struct FrameHeaderTests {
    private static let lengths = [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10), (10 << 30, 10), (Int.max, 10)]

    private func encoded(_ header: FrameHeader) -> ByteBuffer {
        var bytes = ByteBuffer()
        header.write(to: &bytes)
        return bytes
    }

    private func violation(_ bytes: [UInt8]) -> ProtocolViolation? {
        var input = buffer(bytes)
        do throws(ProtocolViolation) {
            _ = try FrameHeader.removed(from: &input)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: lengths)
    func usesTheShortestLengthForm(payloadLength: Int, headerLength: Int) {
        let clear = FrameHeader(opcode: .binary, payloadLength: payloadLength)
        #expect(clear.encodedLength == headerLength)
        #expect(self.encoded(clear).readableBytes == headerLength)
        let masked = FrameHeader(opcode: .binary, payloadLength: payloadLength, maskKey: MaskKey(1))
        #expect(masked.encodedLength == headerLength + 4)
        #expect(self.encoded(masked).readableBytes == headerLength + 4)
        #expect(masked.encodedLength <= FrameHeader.maximumEncodedLength)
    }

    @Test(arguments: lengths)
    func comesBackWholeOnceItsLastByteIsThere(payloadLength: Int, headerLength: Int) throws {
        for opcode in [Opcode.continuation, .text, .binary] {
            for isFinal in [true, false] {
                for reservedBits: UInt8 in 0...7 {
                    for key in [nil, MaskKey(0xDEAD_BEEF)] {
                        let header = FrameHeader(
                            opcode: opcode,
                            isFinal: isFinal,
                            reservedBits: reservedBits,
                            payloadLength: payloadLength,
                            maskKey: key
                        )
                        let bytes = self.encoded(header)
                        for count in 0..<bytes.readableBytes {
                            var part = bytes.getSlice(at: 0, length: count) ?? ByteBuffer()
                            #expect(try FrameHeader.removed(from: &part) == nil)
                            #expect(part.readableBytes == count)
                        }
                        var whole = joined([bytes, buffer("x")])
                        #expect(try FrameHeader.removed(from: &whole) == header)
                        #expect(whole.readableBytes == 1)
                    }
                }
            }
        }
    }

    @Test func refusesLengthsNotInShortestForm() {
        #expect(self.violation([0x82, 126, 0, 125]) == .lengthNotShortest(125))
        #expect(self.violation([0x82, 126, 0, 126]) == nil)
        #expect(self.violation([0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) == .lengthNotShortest(65_535))
        #expect(self.violation([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]) == nil)
        #expect(self.violation([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0]) == .lengthNotShortest(0))
    }

    @Test func refusesTheTopBitOfALengthWithItsFirstByte() {
        #expect(self.violation([0x82, 127, 0x80]) == .lengthOver63Bits)
        #expect(self.violation([0x82, 127, 0x7F]) == nil)
        #expect(self.violation([0x82, 127, 0x7F, 255, 255, 255, 255, 255, 255, 255]) == nil)
    }

    @Test(arguments: UInt8(0)...15)
    func refusesReservedOpcodesWithTheFirstByte(opcode: UInt8) {
        let isReserved = (3...7).contains(opcode) || opcode >= 11
        #expect(self.violation([0x80 | opcode]) == (isReserved ? .unknownOpcode(opcode) : nil))
        #expect(Opcode(rawValue: opcode)?.isControl == (isReserved ? nil : opcode >= 8))
    }

    @Test(arguments: [Opcode.close, .ping, .pong])
    func refusesFragmentedAndLongControlFrames(opcode: Opcode) {
        #expect(self.violation([opcode.rawValue]) == .fragmentedControlFrame(opcode))
        #expect(self.violation([0x80 | opcode.rawValue, 125]) == nil)
        #expect(self.violation([0x80 | opcode.rawValue, 126]) == .longControlFrame(opcode))
        #expect(self.violation([0x80 | opcode.rawValue, 127]) == .longControlFrame(opcode))
    }
}
