// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import WebSocketCore

@Suite("Reading frames, RFC 6455 §5")
struct FrameReaderTests {
    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536, 16 << 20], [Role.client, .server])
    func messagesOfEveryLengthFormComeBack(length: Int, role: Role) {
        let payload = pattern(length)
        let whole = frame(.binary, payload, to: role)
        #expect(hear([whole], as: role) == [.binary(payload)])
        #expect(hear(whole.pieces(of: 65_536), as: role) == [.binary(payload)])
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536, 16 << 20], [Role.client, .server])
    func messagesInFragmentsOf4KiBComeBack(length: Int, role: Role) {
        let payload = pattern(length)
        var fragmentation = Fragmentation()
        var frames = payload.pieces(of: 4096).map { piece in
            frame(fragmentation.opcode(for: .binary, isFinal: false), isFinal: false, piece, to: role)
        }
        frames.append(frame(fragmentation.opcode(for: .binary, isFinal: true), to: role))
        #expect(hear(frames, as: role) == [.binary(payload)])
        #expect(hear(joined(frames).pieces(of: 10_000), as: role) == [.binary(payload)])
    }

    @Test(arguments: [Role.client, .server])
    func everySplitGivesTheSame(role: Role) {
        let bytes = joined([
            frame(.text, isFinal: false, buffer("gr\u{FC}\u{1F0A1}"), to: role),
            frame(.ping, buffer("p"), to: role),
            frame(.continuation, isFinal: false, to: role),
            frame(.pong, to: role),
            frame(.continuation, buffer("\u{6F22}"), to: role),
            frame(.binary, pattern(130), to: role),
            frame(.binary, to: role),
            frame(.close, CloseReason(.goingAway, "bye").encoded, to: role),
            buffer("ignored"),
        ])
        let heard: [Heard] = [
            .ping(buffer("p")), .pong(ByteBuffer()), .text(buffer("gr\u{FC}\u{1F0A1}\u{6F22}")), .binary(pattern(130)),
            .binary(ByteBuffer()), .close(CloseReason(.goingAway, "bye")),
        ]
        for split in bytes.splits {
            #expect(hear(split, as: role) == heard)
        }
    }

    @Test func payloadIsHandedOnAsItArrives() throws {
        var reader = FrameReader(role: .server)
        let key = MaskKey(0x0102_0304)
        let header = FrameHeader(opcode: .binary, payloadLength: 10 << 30, maskKey: key)
        var input = ByteBuffer()
        header.write(to: &input)
        #expect(try reader.next(from: &input) == nil)
        for round in 0..<5 {
            input = pattern(1001)
            guard case .part(let part) = try reader.next(from: &input) else {
                Issue.record("no part")
                return
            }
            #expect(part.isFirst == (round == 0))
            #expect(!part.isFinal)
            #expect(part.payload.bytes == pattern(1001))
            #expect(part.payload.maskKey == key.rotated(by: round * 1001))
            #expect(try reader.next(from: &input) == nil)
        }
    }

    @Test func clearPayloadIsASliceOfTheInput() throws {
        var reader = FrameReader(role: .client)
        var input = frame(.binary, pattern(1000))
        let address = input.withUnsafeReadableBytes { $0.baseAddress.map { $0 + 4 } }
        guard case .part(let part) = try reader.next(from: &input) else {
            Issue.record("no part")
            return
        }
        #expect(part.payload.clear().withUnsafeReadableBytes { $0.baseAddress } == address.map { UnsafeRawPointer($0) })
    }

    @Test func afterAViolationTheReaderStaysFailed() {
        var reader = FrameReader(role: .client)
        var input = buffer([0x83])
        #expect(throws: ProtocolViolation.unknownOpcode(3)) { try reader.next(from: &input) }
        input = frame(.binary, buffer("x"))
        #expect(throws: ProtocolViolation.unknownOpcode(3)) { try reader.next(from: &input) }
    }

    @Test func randomBytesNeverTrapAndEverySplitAgrees() {
        var generator = SeededGenerator(seed: 6455)
        for _ in 0..<2000 {
            let role = Bool.random(using: &generator) ? Role.client : .server
            var bytes = generator.bytes(Int.random(in: 0...40, using: &generator))
            // Make it likely that the first frame is a good one.
            if bytes.count > 1, Bool.random(using: &generator) {
                bytes[0] = [0x01, 0x02, 0x81, 0x82, 0x88, 0x89].randomElement(using: &generator) ?? 0
                bytes[1] = bytes[1] % 12 | (role == .server ? 0x80 : 0)
            }
            let whole = hear(bytes, as: role)
            #expect(hear(buffer(bytes).pieces(of: 1), as: role) == whole)
            #expect(hear(buffer(bytes).pieces(of: 3), as: role) == whole)
        }
    }

    @Test func randomMessagesComeBackThroughRandomSplits() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<200 {
            let role = Bool.random(using: &generator) ? Role.client : .server
            let writer = FrameWriter(role: role == .client ? .server : .client)
            var wire = ByteBuffer()
            var expected: [Heard] = []
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                var message = ByteBuffer()
                var fragmentation = Fragmentation()
                let fragments = Int.random(in: 1...4, using: &generator)
                for index in 1...fragments {
                    let isFinal = index == fragments
                    let piece = buffer(generator.bytes([0, 1, 7, 125, 126, 300].randomElement(using: &generator) ?? 0))
                    message.writeImmutableBuffer(piece)
                    writer.writeFrame(
                        opcode: fragmentation.opcode(for: .binary, isFinal: isFinal),
                        isFinal: isFinal,
                        payload: piece,
                        maskKey: MaskKey(.random(in: 0 ... .max, using: &generator)),
                        to: &wire
                    )
                    if !isFinal, Bool.random(using: &generator) {
                        writer.writePing(maskKey: MaskKey(7), to: &wire)
                        expected.append(.ping(ByteBuffer()))
                    }
                }
                expected.append(.binary(message))
            }
            var chunks: [ByteBuffer] = []
            while wire.readableBytes > 0 {
                let length = Int.random(in: 1...max(1, min(200, wire.readableBytes)), using: &generator)
                chunks += [wire.readSlice(length: length)].compactMap { $0 }
            }
            #expect(hear(chunks, as: role) == expected)
        }
    }
}

@Suite("Message rules, RFC 6455 §5")
struct MessageRulesTests {
    @Test(arguments: [Role.client, .server])
    func everyFrameInEveryStateIsReadAsTheRFCSays(role: Role) {
        var walk = FrameReaderWalk(role: role)
        walk.run()
        #expect(walk.differences.isEmpty, "\(walk.differences.joined(separator: "\n"))")
        #expect(walk.states > 100)
        print("frame reader, \(role): \(walk.states) states, \(walk.transitions) transitions")
    }
}

@Suite("Masking by role, RFC 6455 §5.1")
struct MaskingByRoleTests {
    @Test(arguments: [Opcode.text, .binary, .close, .ping, .pong])
    func aServerRefusesUnmaskedFramesWithTheSecondByte(opcode: Opcode) {
        #expect(hear([0x80 | opcode.rawValue], as: .server) == [])
        #expect(hear([0x80 | opcode.rawValue, 0x00], as: .server) == [.violation(.unmaskedFrame)])
        #expect(hear([0x80 | opcode.rawValue, 0x80], as: .server) == [])
    }

    @Test(arguments: [Opcode.text, .binary, .close, .ping, .pong])
    func aClientRefusesMaskedFramesWithTheSecondByte(opcode: Opcode) {
        #expect(hear([0x80 | opcode.rawValue], as: .client) == [])
        #expect(hear([0x80 | opcode.rawValue, 0x80], as: .client) == [.violation(.maskedFrame)])
        #expect(hear([0x80 | opcode.rawValue, 0x02], as: .client) == [])
    }
}

@Suite("Reserved bits, RFC 6455 §5.2")
struct ReservedBitsTests {
    @Test(arguments: UInt8(0)...7, UInt8(0)...7)
    func onlyTheAllowedOnesPassAndOnlyWhereMessagesStart(bits: UInt8, allowed: UInt8) {
        let isAllowed = bits & ~allowed == 0
        for opcode in [Opcode.text, .binary] {
            let heard = hear([0x80 | bits << 4 | opcode.rawValue], allowedReservedBits: allowed)
            #expect(heard == (isAllowed ? [] : [.violation(.reservedBits(bits))]))
        }
        for opcode in [Opcode.close, .ping, .pong] {
            let heard = hear([0x80 | bits << 4 | opcode.rawValue], allowedReservedBits: allowed)
            #expect(heard == (bits == 0 ? [] : [.violation(.reservedBits(bits))]))
        }
        let heard = hear([0x02, 0, 0x80 | bits << 4], allowedReservedBits: allowed)
        #expect(heard == (bits == 0 ? [] : [.violation(.reservedBits(bits))]))
    }

    @Test func everyPartTellsThoseOfItsMessage() throws {
        var reader = FrameReader(role: .client, allowedReservedBits: 4)
        // Compressed text is not UTF-8.
        var input = joined([
            frame(.text, isFinal: false, reservedBits: 4, buffer([0xFF])), frame(.continuation, buffer([0xFF])),
            frame(.text, buffer([0xFF])),
        ])
        for isFirst in [true, false] {
            guard case .part(let part) = try reader.next(from: &input) else {
                Issue.record("no part")
                return
            }
            #expect(part.reservedBits == 4)
            #expect(part.isFirst == isFirst)
        }
        #expect(throws: ProtocolViolation.invalidText) { try reader.next(from: &input) }
    }
}

@Suite("Fragmentation, RFC 6455 §5.4")
struct ReadingFragmentsTests {
    private func parts(_ bytes: [UInt8]) throws -> [MessagePart] {
        var reader = FrameReader(role: .client)
        var input = buffer(bytes)
        var parts: [MessagePart] = []
        while let event = try reader.next(from: &input) {
            if case .part(let part) = event { parts.append(part) }
        }
        return parts
    }

    @Test func aContinuationNeedsAMessage() {
        #expect(hear([0x80]) == [.violation(.unexpectedContinuation)])
        #expect(hear([0x00]) == [.violation(.unexpectedContinuation)])
        #expect(hear([0x82, 0x00, 0x80]) == [.binary(ByteBuffer()), .violation(.unexpectedContinuation)])
        #expect(hear([0x02, 0x00, 0x89, 0x00, 0x80, 0x00]) == [.ping(ByteBuffer()), .binary(ByteBuffer())])
    }

    @Test func aMessageMustNotStartInsideAnother() {
        #expect(hear([0x02, 0x00, 0x81]) == [.violation(.interruptedMessage(by: .text))])
        #expect(hear([0x01, 0x01, 0x61, 0x02]) == [.violation(.interruptedMessage(by: .binary))])
        #expect(hear([0x01, 0x00, 0x00, 0x00, 0x82]) == [.violation(.interruptedMessage(by: .binary))])
    }

    @Test func emptyFramesGiveAPartOnlyAtTheEndsOfAMessage() throws {
        let parts = try self.parts([0x02, 0, 0x00, 0, 0x00, 1, 0x61, 0x00, 0, 0x80, 0])
        #expect(parts.map(\.isFirst) == [true, false, false])
        #expect(parts.map(\.isFinal) == [false, false, true])
        #expect(parts.map(\.payload.bytes.readableBytes) == [0, 1, 0])
    }

    @Test func onlyAWholeEmptyBinaryFrameIsAnEndOfStream() throws {
        #expect(try self.parts([0x82, 0]).map(\.isWholeEmptyBinary) == [true])
        #expect(try self.parts([0x81, 0]).map(\.isWholeEmptyBinary) == [false])
        #expect(try self.parts([0x82, 1, 0]).map(\.isWholeEmptyBinary) == [false])
        #expect(try self.parts([0x02, 0, 0x80, 0]).map(\.isWholeEmptyBinary) == [false, false])
        #expect(try self.parts([0x02, 1, 0, 0x80, 0]).map(\.isWholeEmptyBinary) == [false, false])
        #expect(try self.parts([0x82, 1, 0, 0x82, 0]).map(\.isWholeEmptyBinary) == [false, true])
    }
}

@Suite("Control frames, RFC 6455 §5.5")
struct ReadingControlFramesTests {
    @Test(arguments: [0, 1, 124, 125], [Role.client, .server])
    func pingsAndPongsAreWholeAtEverySplit(length: Int, role: Role) {
        let payload = pattern(length)
        for split in joined([frame(.ping, payload, to: role), frame(.pong, payload, to: role)]).splits {
            #expect(hear(split, as: role) == [.ping(payload), .pong(payload)])
        }
    }

    @Test func over125BytesAreRefusedWithTheSecondByte() {
        #expect(hear([0x89, 126]) == [.violation(.longControlFrame(.ping))])
        #expect(hear([0x88, 0xFF], as: .server) == [.violation(.longControlFrame(.close))])
    }

    @Test func fragmentsAreRefusedWithTheFirstByte() {
        #expect(hear([0x09]) == [.violation(.fragmentedControlFrame(.ping))])
        #expect(hear([0x0A]) == [.violation(.fragmentedControlFrame(.pong))])
        #expect(hear([0x08]) == [.violation(.fragmentedControlFrame(.close))])
    }

    @Test func nothingCountsAfterAClose() {
        #expect(hear([0x88, 0, 0x89, 0, 0xFF, 0xFF]) == [.close(nil)])
        #expect(hear([[0x88, 0], [0x89, 0], [0xFF]].map(buffer)) == [.close(nil)])
    }

    @Test func aCloseMayComeInsideAMessage() {
        #expect(hear([0x02, 0, 0x88, 2, 0x03, 0xE8]) == [.close(CloseReason(.normal))])
    }

    @Test func aCloseOfOneByteIsRefusedWithItsLength() {
        #expect(hear([0x88]) == [])
        #expect(hear([0x88, 1]) == [.violation(.shortClosePayload)])
    }
}

@Suite("Text, RFC 6455 §8.1")
struct ReadingTextTests {
    private static let bad: [[UInt8]] = [
        [0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0xED, 0x65],
    ]

    @Test(arguments: bad, [Role.client, .server])
    func badTextIsRefusedAtEverySplitAndFragmentation(bad: [UInt8], role: Role) {
        for split in frame(.text, buffer(bad + [0x61]), to: role).splits {
            #expect(hear(split, as: role) == [.violation(.invalidText)])
        }
        for cut in 0...bad.count {
            let frames = [
                frame(.text, isFinal: false, buffer(Array(bad[..<cut])), to: role),
                frame(.ping, to: role),
                frame(.continuation, buffer(Array(bad[cut...]) + [0x61]), to: role),
            ]
            let last = hear(frames, as: role).last
            #expect(last == .violation(.invalidText))
        }
    }

    @Test func itIsRefusedAtTheFirstBadByteEvenInsideAFrame() {
        #expect(hear([0x81, 100, 0x61, 0xF4]) == [])
        #expect(hear([0x81, 100, 0x61, 0xF4, 0x90]) == [.violation(.invalidText)])
        #expect(hear([0x01, 2, 0x61, 0xF4, 0x00, 9, 0x90]) == [.violation(.invalidText)])
    }

    @Test func itMustNotEndInsideACharacter() {
        #expect(hear([0x81, 1, 0xC3]) == [.violation(.incompleteText)])
        #expect(hear([0x01, 1, 0xC3, 0x80, 0]) == [.violation(.incompleteText)])
        #expect(hear([0x01, 1, 0xC3, 0x80, 1, 0xBC]) == [.text(buffer("ü"))])
    }

    @Test func eachMessageStartsAfresh() {
        #expect(
            hear([0x81, 1, 0x61, 0x82, 1, 0xFF, 0x81, 0]) == [
                .text(buffer("a")), .binary(buffer([0xFF])), .text(buffer([])),
            ]
        )
    }
}
