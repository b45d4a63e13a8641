// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore
import Testing
import WebSocketCore

@testable import Endpoints

@Suite("Parts to chunks")
struct PartCollectorTests {
    private static let key = MaskKey(0x5A17_C39E)

    /// A part as a reader hands it over; masked ones hold what is on the wire.
    private static func part(
        _ bytes: ByteBuffer,
        kind: MessageKind = .binary,
        isFirst: Bool = true,
        isFinal: Bool = true,
        isMasked: Bool = false
    ) -> MessagePart {
        var wire = bytes
        if isMasked {
            wire = ByteBuffer()
            MaskedPayload(bytes: bytes, maskKey: Self.key).write(to: &wire)
        }
        let payload = MaskedPayload(bytes: wire, maskKey: isMasked ? Self.key : nil)
        return MessagePart(kind: kind, isFirst: isFirst, isFinal: isFinal, payload: payload)
    }

    private static func taken(_ collector: inout PartCollector) -> [Chunk] {
        var chunks: [Chunk] = []
        while let chunk = collector.next() { chunks.append(chunk) }
        return chunks
    }

    // MARK: Towards a byte stream

    @Test(arguments: [false, true])
    func joinsSmallParts(isMasked: Bool) {
        var collector = PartCollector(keepsMessages: false)
        for text in ["one ", "two ", "three"] { collector.add(Self.part(buffer(text), isMasked: isMasked)) }
        collector.finishBatch()
        let chunks = Self.taken(&collector)
        #expect(chunks.map(\.bytes) == [buffer("one two three")])
        #expect(chunks.first?.message == nil)
        #expect(chunks.first?.hasMore == false)
    }

    @Test func nothingComesOutBeforeTheBatchIsFinished() {
        var collector = PartCollector(keepsMessages: false)
        collector.add(Self.part(buffer("a")))
        #expect(collector.next() == nil)
    }

    @Test(arguments: [(4095, 1), (4096, 3)], [false, true])
    func handsOnPartsWhereTheyAreFrom4KiBOn(boundary: (size: Int, chunks: Int), isMasked: Bool) {
        let (size, chunks) = boundary
        var collector = PartCollector(keepsMessages: false)
        collector.add(Self.part(buffer("a"), isMasked: isMasked))
        collector.add(Self.part(pattern(size), isMasked: isMasked))
        collector.add(Self.part(buffer("b"), isMasked: isMasked))
        collector.finishBatch()
        let taken = Self.taken(&collector)
        #expect(taken.count == chunks)
        #expect(taken.map(\.hasMore) == Array(repeating: true, count: chunks - 1) + [false])
        var all = buffer("a")
        all.writeImmutableBuffer(pattern(size))
        all.writeString("b")
        #expect(Self.joined(taken) == all)
    }

    /// Unmasking one must not touch its neighbours in the same storage.
    @Test func unmasksWhereTheyAreNoMoreThanTheBytesOfAPart() {
        let parts = (0..<3).map { Self.part(pattern(5000 + $0), isMasked: true).payload.bytes }
        var storage = ByteBuffer()
        for part in parts { storage.writeImmutableBuffer(part) }
        var collector = PartCollector(keepsMessages: false)
        for part in parts {
            let slice = storage.readSlice(length: part.readableBytes) ?? ByteBuffer()
            let payload = MaskedPayload(bytes: slice, maskKey: Self.key)
            collector.add(MessagePart(kind: .binary, isFirst: true, isFinal: true, payload: payload))
        }
        #expect(Self.taken(&collector).map(\.bytes) == (0..<3).map { pattern(5000 + $0) })
    }

    @Test func emptyPartsLeaveNoTrace() {
        var collector = PartCollector(keepsMessages: false)
        collector.add(Self.part(ByteBuffer()))
        collector.add(Self.part(ByteBuffer(), isMasked: true))
        collector.finishBatch()
        #expect(collector.next() == nil)
    }

    /// The buffer is reused between batches: what was given out must not change.
    @Test func aChunkGivenOutKeepsItsBytes() {
        var collector = PartCollector(keepsMessages: false)
        var kept: [Chunk] = []
        for round in 0..<100 {
            for size in [1, round, 300] { collector.add(Self.part(pattern(size), isMasked: round % 2 == 0)) }
            collector.finishBatch()
            kept += Self.taken(&collector)
        }
        #expect(kept.count == 100)
        for (round, chunk) in kept.enumerated() {
            var expected = pattern(1)
            expected.writeImmutableBuffer(pattern(round))
            expected.writeImmutableBuffer(pattern(300))
            #expect(chunk.bytes == expected)
        }
    }

    @Test func aBatchFinishedBeforeTheLastIsTakenComesBehindIt() {
        var collector = PartCollector(keepsMessages: false)
        collector.add(Self.part(buffer("a")))
        collector.finishBatch()
        collector.add(Self.part(buffer("b")))
        collector.finishBatch()
        let chunks = Self.taken(&collector)
        #expect(chunks.map(\.bytes) == [buffer("a"), buffer("b")])
        #expect(chunks.map(\.hasMore) == [true, false])
    }

    // MARK: Towards messages

    @Test(arguments: [false, true])
    func keepsEachPartWithItsPlaceInItsMessage(isMasked: Bool) {
        var collector = PartCollector(keepsMessages: true)
        collector.add(Self.part(buffer("a"), kind: .text, isFinal: false, isMasked: isMasked))
        collector.add(Self.part(buffer("b"), kind: .text, isFirst: false, isMasked: isMasked))
        collector.add(Self.part(ByteBuffer(), isMasked: isMasked))
        collector.add(Self.part(pattern(10_000), isMasked: isMasked))
        collector.finishBatch()
        let chunks = Self.taken(&collector)
        #expect(chunks.map(\.bytes) == [buffer("a"), buffer("b"), ByteBuffer(), pattern(10_000)])
        #expect(
            chunks.map(\.message) == [
                MessagePiece(isText: true, isFinal: false), MessagePiece(isText: true, isFinal: true),
                MessagePiece(isText: false, isFinal: true), MessagePiece(isText: false, isFinal: true),
            ]
        )
        #expect(chunks.map(\.hasMore) == [true, true, true, false])
    }

    private static func joined(_ chunks: [Chunk]) -> ByteBuffer {
        chunks.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1.bytes) }
    }
}
