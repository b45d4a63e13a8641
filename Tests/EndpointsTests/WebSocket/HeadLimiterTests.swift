// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Testing

@testable import Endpoints

@Suite("Limit of a head")
struct HeadLimiterTests {
    fileprivate static let limit = 16 * 1024

    /// A channel of which the limiter is all.
    private struct Limited {
        let channel = EmbeddedChannel()
        let limiter = HeadLimiter(limit: HeadLimiterTests.limit)

        init() throws {
            try self.channel.pipeline.syncOperations.addHandler(self.limiter)
        }

        /// - Returns: whether all was let through.
        func deliver(_ bytes: ByteBuffer) throws -> Bool {
            do {
                try self.channel.writeInbound(bytes)
                return true
            } catch is HeadLimiter.HeadTooLarge {
                return false
            }
        }

        func passed() throws -> ByteBuffer {
            var all = ByteBuffer()
            while let bytes = try self.channel.readInbound(as: ByteBuffer.self) { all.writeImmutableBuffer(bytes) }
            return all
        }
    }

    @Test func sixteenKiBPassInOnePiece() throws {
        let limited = try Limited()
        #expect(try limited.deliver(pattern(Self.limit)))
        #expect(try limited.passed() == pattern(Self.limit))
    }

    @Test func oneMoreByteDoesNotPassInOnePiece() throws {
        let limited = try Limited()
        #expect(try !limited.deliver(pattern(Self.limit + 1)))
        #expect(try limited.passed().readableBytes == Self.limit)
    }

    @Test(arguments: [1, 2, 8192, 16_383, 16_384])
    func countsAcrossPieces(place: Int) throws {
        let whole = pattern(Self.limit + 1)
        let pieces = whole.split(at: place)
        let limited = try Limited()
        #expect(try limited.deliver(pieces[0]))
        #expect(try !limited.deliver(pieces[1]))
        #expect(try limited.passed() == whole.split(at: Self.limit)[0])
    }

    @Test func countsManyPieces() throws {
        let limited = try Limited()
        var rest = pattern(Self.limit)
        while let piece = rest.readSlice(length: 64) { #expect(try limited.deliver(piece)) }
        #expect(try !limited.deliver(buffer("x")))
        #expect(try limited.passed() == pattern(Self.limit))
    }

    @Test func nothingMorePassesAfterTheLimit() throws {
        let limited = try Limited()
        _ = try limited.deliver(pattern(Self.limit + 1))
        #expect(try !limited.deliver(buffer("x")))
        #expect(try limited.passed().readableBytes == Self.limit)
    }

    @Test(arguments: [1, Self.limit - 1, Self.limit])
    func whatFollowsACompleteHeadIsNotCounted(headBytes: Int) throws {
        let limited = try Limited()
        #expect(try limited.deliver(pattern(headBytes)))
        limited.limiter.isHeadComplete = true
        #expect(try limited.deliver(pattern(100_000)))
        #expect(try limited.passed().readableBytes == headBytes + 100_000)
    }

    /// The head may end, and what follows begin, in the same piece.
    @Test func theRestOfThePieceThatCompletesTheHeadPasses() throws {
        let limited = try Limited()
        try limited.channel.pipeline.syncOperations.addHandler(HeadSeer(limited.limiter))
        #expect(try limited.deliver(pattern(Self.limit + 1000)))
        #expect(try limited.passed() == pattern(Self.limit + 1000))
    }

    /// Stands for the handler that has seen the head once the first bytes came.
    private final class HeadSeer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let limiter: HeadLimiter

        init(_ limiter: HeadLimiter) {
            self.limiter = limiter
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.limiter.isHeadComplete = true
            context.fireChannelRead(data)
        }
    }
}
