// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension ByteBuffer {
    /// Appends the readable bytes of `source`, masked with `key`, in one pass.
    ///
    /// - Returns: The number of bytes appended.
    @discardableResult
    public mutating func writeMasked(_ source: ByteBuffer, key: MaskKey) -> Int {
        guard source.readableBytes > 0 else { return 0 }
        return source.withUnsafeReadableBytes { source in
            self.writeWithUnsafeMutableBytes(minimumWritableBytes: source.count) { destination in
                Masking.copy(from: source, to: destination, key: key)
                return source.count
            }
        }
    }

    /// Masks the readable bytes where they are, although others may hold the same storage.
    ///
    /// For bytes that are the caller's alone, such as a slice of a read buffer of which every slice is handed out once:
    /// its storage is shared, so ``mask(with:)`` would copy all of it, but nobody else looks at these bytes.
    public func maskUnshared(with key: MaskKey) {
        self.withUnsafeReadableBytes { Masking.apply(key, to: UnsafeMutableRawBufferPointer(mutating: $0)) }
    }

    /// Masks the readable bytes in place. Copies them first if this buffer shares its storage.
    public mutating func mask(with key: MaskKey) {
        guard self.readableBytes > 0 else { return }
        self.withUnsafeMutableReadableBytes { Masking.apply(key, to: $0) }
    }
}
