// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Combines payload with a mask key by XOR, which masks and unmasks alike (RFC 6455 §5.3).
///
/// 64 bytes go at a time, at any alignment: x86-64 and arm64 read and write unaligned words at full speed while they
/// stay in a cache line.
public enum Masking {
    /// Masks `bytes` in place.
    ///
    /// - Parameter offset: Where in the payload `bytes` starts.
    public static func apply(_ key: MaskKey, offset: Int = 0, to bytes: UnsafeMutableRawBufferPointer) {
        Self.copy(from: UnsafeRawBufferPointer(bytes), to: bytes, key: key, offset: offset)
    }

    /// Copies `source` to `destination`, masked on the way: one pass over memory instead of two.
    ///
    /// Copies as many bytes as the shorter of the two holds. They may be the same memory; they must not overlap otherwise.
    ///
    /// - Parameter offset: Where in the payload `source` starts.
    public static func copy(
        from source: UnsafeRawBufferPointer,
        to destination: UnsafeMutableRawBufferPointer,
        key: MaskKey,
        offset: Int = 0
    ) {
        guard let from = source.baseAddress, let to = destination.baseAddress else { return }
        let count = min(source.count, destination.count)
        let half = UInt64(key.rotated(by: offset).littleEndian)
        let word = (half << 32 | half).littleEndian
        let block = Block(repeating: word)
        var done = 0
        while count &- done >= Self.blockSize {
            let masked = from.loadUnaligned(fromByteOffset: done, as: Block.self) ^ block
            to.storeBytes(of: masked, toByteOffset: done, as: Block.self)
            done &+= Self.blockSize
        }
        while count &- done >= Self.wordSize {
            let masked = from.loadUnaligned(fromByteOffset: done, as: UInt64.self) ^ word
            to.storeBytes(of: masked, toByteOffset: done, as: UInt64.self)
            done &+= Self.wordSize
        }
        // `done` is a multiple of four here, so the rotated key starts afresh.
        var rest = half << 32 | half
        while done < count {
            let masked = from.load(fromByteOffset: done, as: UInt8.self) ^ UInt8(truncatingIfNeeded: rest)
            to.storeBytes(of: masked, toByteOffset: done, as: UInt8.self)
            rest >>= 8
            done &+= 1
        }
    }

    private typealias Block = SIMD8<UInt64>
    private static let blockSize = 64
    private static let wordSize = 8
}
