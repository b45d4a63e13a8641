// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Decodes Base64 that comes in pieces (RFC 4648 §4). Spaces, tabs and line breaks around it count for nothing.
public struct Base64Decoder: Sendable {
    /// What has come of the last group of four.
    private var rest: [UInt8] = []

    /// A decoder at the start of a text.
    public init() {}

    /// Takes the next piece; after the final one, another text may begin.
    ///
    /// - Returns: What can be decoded so far, or `nil` if it is not Base64.
    public mutating func decode(_ piece: ByteBuffer, isFinal: Bool) -> ByteBuffer? {
        let digits = self.rest + piece.readableBytesView.filter { !Self.isSpace($0) }
        // Only the last group may be padded, so one is held back until it is known whether it is the last.
        let count = isFinal ? digits.count : max(0, digits.count - 1) / 4 * 4
        self.rest = isFinal ? [] : Array(digits[count...])
        let ready = digits[..<count]
        guard isFinal || ready.last != UInt8(ascii: "=") else { return nil }
        return Base64.decode(String(decoding: ready, as: UTF8.self)).map { ByteBuffer(bytes: $0) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D: true
        default: false
        }
    }
}
