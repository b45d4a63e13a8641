// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import WebSocketCore

@Suite("Decompression, RFC 7692 §7.2.2")
struct MessageDecompressorTests {
    /// A message as a decompressor gives it, from pieces of its payload.
    private func inflate(
        _ pieces: [ByteBuffer],
        with decompressor: MessageDecompressor,
        limit: Int = 65_536
    ) throws -> ByteBuffer {
        var message = ByteBuffer()
        for (index, piece) in pieces.enumerated() {
            let isLast = index == pieces.count - 1
            var input = piece
            var isOver = false
            while let step = try decompressor.next(from: &input, isMessageEnd: isLast, limit: limit) {
                #expect(!isOver)
                #expect(step.bytes.readableBytes <= limit)
                message.writeImmutableBuffer(step.bytes)
                isOver = step.isMessageEnd
                if isOver { break }
            }
            #expect(isOver == isLast)
            #expect(input.readableBytes == 0)
        }
        return message
    }

    private func inflate(_ bytes: [UInt8], with decompressor: MessageDecompressor? = nil) throws -> String {
        String(buffer: try self.inflate([buffer(bytes)], with: decompressor ?? MessageDecompressor(.init())))
    }

    // MARK: Examples of the RFC, §7.2.3

    private static let examples: [[UInt8]] = [
        // One block.
        [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
        // A block without compression.
        [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00],
        // A block with BFINAL.
        [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00],
        // Two blocks.
        [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00],
    ]

    @Test(arguments: examples)
    func helloInEveryForm(example: [UInt8]) throws {
        #expect(try self.inflate(example) == "Hello")
    }

    @Test(arguments: examples)
    func everySplitGivesTheSame(example: [UInt8]) throws {
        for pieces in buffer(example).splits {
            for limit in [1, 2, 5, 6, 65_536] {
                let decompressor = MessageDecompressor(.init())
                #expect(try self.inflate(pieces, with: decompressor, limit: limit) == buffer("Hello"))
            }
        }
    }

    /// §7.2.3.2; any of the forms may go before.
    @Test(arguments: examples)
    func aMessageMayReferToTheOneBefore(example: [UInt8]) throws {
        let decompressor = MessageDecompressor(.init())
        #expect(try self.inflate(example, with: decompressor) == "Hello")
        for _ in 0..<3 {
            #expect(try self.inflate([0xF2, 0x00, 0x11, 0x00, 0x00], with: decompressor) == "Hello")
        }
    }

    @Test func withoutTakeoverAMessageMayNotReferToTheOneBefore() throws {
        let decompressor = MessageDecompressor(.init(takesOver: false))
        #expect(try self.inflate(Self.examples[0], with: decompressor) == "Hello")
        #expect(throws: MessageDecompressor.Failure.notDeflate) {
            try self.inflate([0xF2, 0x00, 0x11, 0x00, 0x00], with: decompressor)
        }
    }

    @Test func oneByteIsNothing() throws {
        let decompressor = MessageDecompressor(.init())
        #expect(try self.inflate([0x00], with: decompressor) == "")
        #expect(try self.inflate(Self.examples[0], with: decompressor) == "Hello")
        #expect(try self.inflate([0x00], with: decompressor) == "")
    }

    @Test func withoutPayloadThereIsNothingToInflate() throws {
        let decompressor = MessageDecompressor(.init())
        for isMessageEnd in [false, true] {
            var none = ByteBuffer()
            #expect(try decompressor.next(from: &none, isMessageEnd: isMessageEnd, limit: 10) == nil)
        }
        #expect(try self.inflate(Self.examples[0], with: decompressor) == "Hello")
    }

    // MARK: Bad bytes

    @Test(
        arguments: [
            // A reserved block type.
            [0x07], [0xFE, 0xFF],
            // A length and its complement that don't fit.
            [0x00, 0x05, 0x00, 0x00, 0x00, 0x48],
            // It refers to what never came.
            [0xF2, 0x00, 0x11, 0x00, 0x00],
            // Cut: inside of a block, behind it, and before the one that its sender must add.
            [0xF2], [0xF2, 0x48, 0xCD], [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07],
            [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
            [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C],
            // The tail that is to be left out.
            [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00, 0x00, 0xFF, 0xFF],
        ] as [[UInt8]]
    )
    func whatIsNoDeflateFailsForGood(bytes: [UInt8]) throws {
        for pieces in buffer(bytes).splits where !pieces.isEmpty {
            let decompressor = MessageDecompressor(.init())
            #expect(throws: MessageDecompressor.Failure.notDeflate) { try self.inflate(pieces, with: decompressor) }
            #expect(throws: MessageDecompressor.Failure.notDeflate) {
                try self.inflate(Self.examples[0], with: decompressor)
            }
        }
    }

    // MARK: Round trips

    @Test(arguments: 8...15, [true, false])
    func whatIsCompressedComesBack(bits: Int, takesOver: Bool) throws {
        let direction = DeflateAgreement.Direction(
            window: try #require(DeflateWindow(bits: bits)),
            takesOver: takesOver
        )
        let compressor = MessageCompressor(direction)
        // Read a byte at a time, zlib has no more to look back to than the window.
        let exact = MessageDecompressor(direction)
        let quick = MessageDecompressor(direction)
        var generator = SeededGenerator(seed: UInt64(bits))
        for _ in 0..<10 {
            var message = ByteBuffer()
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                let word = pattern(Int.random(in: 1...400, using: &generator))
                for _ in 0..<Int.random(in: 1...3, using: &generator) { message.writeImmutableBuffer(word) }
            }
            let cuts = message.pieces(of: Int.random(in: 1...5000, using: &generator))
            var pieces = try cuts.map { try compressor.compress($0, isMessageEnd: false) }
            pieces.append(try compressor.compress(ByteBuffer(), isMessageEnd: true))
            #expect(try self.inflate(pieces, with: exact, limit: 1) == message)
            let whole = joined(pieces).pieces(of: Int.random(in: 1...3000, using: &generator))
            #expect(try self.inflate(whole, with: quick) == message)
        }
    }

    // MARK: Bombs

    @Test func aBombComesAStepAtATime() throws {
        let compressor = MessageCompressor(.init())
        let zeros = ByteBuffer(repeating: 0, count: 262_144)
        var bomb = ByteBuffer()
        for _ in 0..<40 {
            bomb.writeImmutableBuffer(try compressor.compress(zeros, isMessageEnd: false))
        }
        bomb.writeImmutableBuffer(try compressor.compress(ByteBuffer(), isMessageEnd: true))
        #expect(bomb.readableBytes < 12_000)
        let decompressor = MessageDecompressor(.init())
        var total = 0
        var isOver = false
        while let step = try decompressor.next(from: &bomb, isMessageEnd: true, limit: 65_536) {
            #expect(step.bytes.readableBytes <= 65_536)
            #expect(step.bytes.storageCapacity <= 131_072)
            total += step.bytes.readableBytes
            isOver = step.isMessageEnd
            if isOver { break }
        }
        #expect(isOver)
        #expect(total == 40 * 262_144)
    }
}
