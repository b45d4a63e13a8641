// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import WebSocketCore

@Suite("Compression, RFC 7692 §7.2.1")
struct MessageCompressorTests {
    private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]

    @Test func helloIsThatOfTheRFC() throws {
        let compressor = MessageCompressor(.init())
        #expect(try compressor.compress(buffer("Hello"), isMessageEnd: true).array == Self.hello)
        // §7.2.3.2: the second one refers to the first.
        #expect(try compressor.compress(buffer("Hello"), isMessageEnd: true).array == [0xF2, 0x00, 0x11, 0x00, 0x00])
    }

    @Test func withoutTakeoverEachMessageStandsForItself() throws {
        let compressor = MessageCompressor(.init(takesOver: false))
        for _ in 0..<3 {
            #expect(try compressor.compress(buffer("Hello"), isMessageEnd: true).array == Self.hello)
        }
        // Also where the last piece is empty.
        for _ in 0..<2 {
            let piece = try compressor.compress(buffer("Hello"), isMessageEnd: false)
            #expect(piece.array == Self.hello + [0, 0, 0xFF, 0xFF])
            #expect(try compressor.compress(ByteBuffer(), isMessageEnd: true).array == [0])
        }
    }

    @Test func nothingIsOneByte() throws {
        let compressor = MessageCompressor(.init())
        #expect(try compressor.compress(ByteBuffer(), isMessageEnd: true).array == [0])
        #expect(!compressor.holdsState)
        #expect(try compressor.compress(buffer("Hello"), isMessageEnd: false).array == Self.hello + [0, 0, 0xFF, 0xFF])
        #expect(try compressor.compress(ByteBuffer(), isMessageEnd: false).array == [])
        #expect(try compressor.compress(ByteBuffer(), isMessageEnd: true).array == [0])
    }

    /// Every byte is on its way before the next piece is waited for.
    @Test func eachPieceCanBeInflatedAtOnce() throws {
        let compressor = MessageCompressor(.init())
        let decompressor = MessageDecompressor(.init())
        for text in ["a", "b", "aab", "a longer piece, a longer piece"] {
            var piece = try compressor.compress(buffer(text), isMessageEnd: false)
            let inflated = try decompressor.next(from: &piece, isMessageEnd: false, limit: 1000)
            #expect(inflated?.bytes == buffer(text))
            #expect(piece.readableBytes == 0)
        }
    }

    @Test func stateThatRestsIsFreedBetweenMessagesOnly() throws {
        let compressor = MessageCompressor(.init())
        _ = try compressor.compress(buffer("Hello"), isMessageEnd: true)
        compressor.rest()
        #expect(compressor.holdsState, "it was used since the last time")
        compressor.rest()
        #expect(!compressor.holdsState)
        // What follows stands for itself.
        #expect(try compressor.compress(buffer("Hello"), isMessageEnd: false).array.starts(with: Self.hello))
        compressor.rest()
        compressor.rest()
        #expect(compressor.holdsState, "a message is open")
        #expect(try compressor.compress(buffer("Hello"), isMessageEnd: true).array == [0xF2, 0x00, 0x11, 0x00, 0x00])
    }

    @Test func bytesWithoutPatternGrowLittle() throws {
        for bits in 8...15 {
            let compressor = MessageCompressor(.init(window: try #require(DeflateWindow(bits: bits))))
            let compressed = try compressor.compress(pattern(262_144), isMessageEnd: true)
            #expect(compressed.readableBytes <= 262_144 + 262_144 / 50)
        }
    }
}
