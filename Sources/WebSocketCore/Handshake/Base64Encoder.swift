// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Encodes bytes that come in pieces as one Base64 text without line breaks (RFC 4648 §4).
public struct Base64Encoder: Sendable {
    /// What has come of the last group of three.
    private var rest: [UInt8] = []

    /// An encoder at the start of a text.
    public init() {}

    /// Takes the next piece; after the final one, another text begins.
    public mutating func encode(_ piece: ByteBuffer, isFinal: Bool) -> ByteBuffer {
        let bytes = self.rest + piece.readableBytesView
        let count = isFinal ? bytes.count : bytes.count / 3 * 3
        self.rest = Array(bytes[count...])
        return ByteBuffer(string: Base64.encode(bytes[..<count]))
    }
}
