// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import WebSocketCore

extension FuzzTarget {
    /// The payload of a compressed message, twice: the second one may refer to the first.
    static let deflate = FuzzTarget(name: "deflate") { { try DeflateTarget.run($0) } }
}

enum DeflateTarget {
    /// What came of a message.
    private struct Inflated: Equatable {
        var bytes = ByteBuffer()
        var isOver = false
        var hasFailed = false
    }

    /// A bomb is not followed to its end.
    private static let most = 1 << 20
    private static let step = 4096

    static func run(_ bytes: [UInt8]) throws -> FuzzTarget.Verdict {
        var first: [Inflated]?
        for pieces in cuts(of: bytes) {
            let decompressor = MessageDecompressor(.init())
            var messages: [Inflated] = []
            for _ in 0..<2 {
                // How far a bomb gets before a byte that is wrong depends on the cut.
                guard let message = try Self.inflate(pieces, with: decompressor) else { return .refused }
                messages.append(message)
            }
            try promise(!messages[0].hasFailed || messages[1].hasFailed, "nothing follows a failure")
            try promise(messages == first ?? messages, "a cut changes nothing")
            first = messages
        }
        return first?.allSatisfy(\.isOver) == true ? .accepted : .refused
    }

    /// - Returns: `nil` for a bomb.
    private static func inflate(_ pieces: [ByteBuffer], with decompressor: MessageDecompressor) throws -> Inflated? {
        var inflated = Inflated()
        for (index, piece) in pieces.enumerated() {
            let isLast = index == pieces.count - 1
            var input = piece
            do throws(MessageDecompressor.Failure) {
                while let next = try decompressor.next(from: &input, isMessageEnd: isLast, limit: Self.step) {
                    inflated.bytes.writeImmutableBuffer(next.bytes)
                    inflated.isOver = next.isMessageEnd
                    if inflated.bytes.readableBytes > Self.most { return nil }
                    if next.isMessageEnd { break }
                }
            } catch {
                inflated.hasFailed = true
                // How much comes before the byte that is wrong depends on the cut.
                inflated.bytes.clear()
                return inflated
            }
            try promise(input.readableBytes == 0, "a decompressor takes all of its input")
        }
        return inflated
    }
}
