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

    /// Masks the readable bytes in place. Copies them first if this buffer shares its storage.
    public mutating func mask(with key: MaskKey) {
        guard self.readableBytes > 0 else { return }
        self.withUnsafeMutableReadableBytes { Masking.apply(key, to: $0) }
    }
}
