// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

func buffer(_ bytes: [UInt8]) -> ByteBuffer { ByteBuffer(bytes: bytes) }
func buffer(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

/// `count` bytes without a short period.
func pattern(_ count: Int) -> ByteBuffer {
    var generator = SeededGenerator(seed: UInt64(count))
    let block = (0..<min(count, 16_381)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    var buffer = ByteBuffer()
    buffer.reserveCapacity(count + block.count)
    var index: UInt32 = 0
    while buffer.readableBytes < count {
        buffer.writeInteger(index)
        buffer.writeBytes(block)
        index += 1
    }
    return buffer.readSlice(length: count) ?? ByteBuffer()
}

extension ByteBuffer {
    /// The bytes in two pieces, cut at `place`.
    func split(at place: Int) -> [ByteBuffer] {
        var rest = self
        let head = rest.readSlice(length: place) ?? ByteBuffer()
        return [head, rest]
    }

    /// The bytes one by one.
    var singly: [ByteBuffer] { self.readableBytesView.map { ByteBuffer(bytes: [$0]) } }
}
