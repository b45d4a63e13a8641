// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import WebSocketCore

@Suite("Base64 in pieces, RFC 4648 §4")
struct Base64PiecesTests {
    private static let pairs = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    private static func decode(_ pieces: [ByteBuffer], with decoder: inout Base64Decoder) -> ByteBuffer? {
        var all = ByteBuffer()
        for (index, piece) in pieces.enumerated() {
            guard let decoded = decoder.decode(piece, isFinal: index == pieces.count - 1) else { return nil }
            all.writeImmutableBuffer(decoded)
        }
        return all
    }

    @Test func everySplitOfATextGivesItsBytes() {
        for (bytes, text) in Self.pairs {
            for pieces in buffer(text).splits where !pieces.isEmpty {
                var decoder = Base64Decoder()
                // Twice: after a text, the next one begins.
                #expect(Self.decode(pieces, with: &decoder) == buffer(bytes))
                #expect(Self.decode(pieces, with: &decoder) == buffer(bytes))
            }
        }
    }

    @Test func everySplitOfBytesGivesTheText() {
        for (bytes, text) in Self.pairs {
            for pieces in buffer(bytes).splits where !pieces.isEmpty {
                var encoder = Base64Encoder()
                for _ in 0..<2 {
                    var all = ByteBuffer()
                    for (index, piece) in pieces.enumerated() {
                        all.writeImmutableBuffer(encoder.encode(piece, isFinal: index == pieces.count - 1))
                    }
                    #expect(all == buffer(text))
                }
            }
        }
    }

    @Test(arguments: ["Z", "Zm", "Zm9", "=", "Z===", "Zg==Zg==", "Zm8=Zg==", "Zm9v=", "Zm-v", "Zm_v", "Zmö="])
    func whatIsNoneIsNoneAtEverySplit(text: String) {
        for pieces in buffer(text).splits where !pieces.isEmpty {
            var decoder = Base64Decoder()
            #expect(Self.decode(pieces, with: &decoder) == nil)
        }
    }

    @Test func spaceCountsForNothing() {
        var decoder = Base64Decoder()
        #expect(decoder.decode(buffer(" Zm\t9v\r\n"), isFinal: true) == buffer("foo"))
    }
}
