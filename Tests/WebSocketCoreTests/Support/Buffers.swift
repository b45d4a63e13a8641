// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

func buffer(_ bytes: [UInt8]) -> ByteBuffer { ByteBuffer(bytes: bytes) }
func buffer(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

/// `count` bytes without a short period.
func pattern(_ count: Int) -> ByteBuffer {
    var generator = SeededGenerator(seed: UInt64(count))
    let block = generator.bytes(min(count, 16_381))
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
    var array: [UInt8] { Array(self.readableBytesView) }

    /// The bytes in pieces of `size`.
    func pieces(of size: Int) -> [ByteBuffer] {
        var rest = self
        var pieces: [ByteBuffer] = []
        while rest.readableBytes > 0 {
            pieces += [rest.readSlice(length: min(size, rest.readableBytes))].compactMap { $0 }
        }
        return pieces
    }

    /// The bytes as they are, in every two pieces, and byte by byte.
    var splits: [[ByteBuffer]] {
        let inTwo = (0...self.readableBytes).map { place in
            var rest = self
            let head = rest.readSlice(length: place) ?? ByteBuffer()
            return [head, rest]
        }
        return inTwo + [self.pieces(of: 1)]
    }
}
