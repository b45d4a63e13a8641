// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Payload as it came, still masked if it was, so that it is unmasked where it is copied anyway.
public struct MaskedPayload: Sendable {
    /// The bytes as on the wire. A slice of the reader's input: the input's storage is copied if it is written to while
    /// this slice lives.
    public let bytes: ByteBuffer
    /// The key, turned so that its byte 0 masks byte 0 of `bytes`; `nil` when `bytes` is clear.
    public let maskKey: MaskKey?

    /// A payload of these bytes.
    public init(bytes: ByteBuffer, maskKey: MaskKey?) {
        self.bytes = bytes
        self.maskKey = maskKey
    }

    /// Appends the clear bytes to `buffer`.
    public func write(to buffer: inout ByteBuffer) {
        if let key = self.maskKey {
            buffer.writeMasked(self.bytes, key: key)
        } else {
            buffer.writeImmutableBuffer(self.bytes)
        }
    }

    /// The clear bytes, where they are. They must be the caller's alone, as those of a ``FrameReader`` are: of its input,
    /// each byte is handed on once.
    public func cleared() -> ByteBuffer {
        if let key = self.maskKey { self.bytes.maskUnshared(with: key) }
        return self.bytes
    }

    /// The clear bytes. Copies them only if they are masked.
    public func clear() -> ByteBuffer {
        guard let key = self.maskKey else { return self.bytes }
        var clear = ByteBufferAllocator().buffer(capacity: self.bytes.readableBytes)
        clear.writeMasked(self.bytes, key: key)
        return clear
    }
}
