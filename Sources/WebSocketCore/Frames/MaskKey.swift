// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The four bytes that a client's payload is combined with (RFC 6455 §5.3).
public struct MaskKey: Equatable, Sendable {
    /// The key as a number whose lowest byte masks byte 0 of the payload, on machines of either byte order.
    let littleEndian: UInt32

    /// A key of the bytes of `word` in the order in which they lie in memory. Clients take `word` from a strong source of
    /// randomness, fresh for each frame (RFC 6455 §10.3).
    public init(_ word: UInt32) {
        self.init(littleEndian: UInt32(littleEndian: word))
    }

    init(littleEndian: UInt32) {
        self.littleEndian = littleEndian
    }

    /// The bytes in the order in which they stand in a frame.
    public var bytes: (UInt8, UInt8, UInt8, UInt8) {
        (self[0], self[1], self[2], self[3])
    }

    /// The byte that masks the payload's byte at `offset`.
    public subscript(offset: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: self.littleEndian >> Self.shift(for: offset))
    }

    /// The key for what follows the first `offset` bytes of a payload, so that masking can go on in the middle.
    public func rotated(by offset: Int) -> MaskKey {
        let shift = Self.shift(for: offset)
        // Smart shifts: a shift by 32 gives 0.
        return MaskKey(littleEndian: self.littleEndian >> shift | self.littleEndian << (32 - shift))
    }

    private static func shift(for offset: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: offset & 3) &* 8
    }
}
