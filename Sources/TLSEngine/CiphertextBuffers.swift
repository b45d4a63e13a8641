// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import NIOCore

/// The two ends of the wire that OpenSSL sees: it reads from `incoming` and appends to `outgoing`.
///
/// A BIO of its own spares the two copies of BIO_s_mem(3): records are read from the buffer that the socket filled, and
/// all records that one call makes lie in one buffer, for one write.
final class CiphertextBuffers {
    /// Received and not yet read by OpenSSL.
    var incoming = ByteBuffer()
    /// Made by OpenSSL and not yet taken to be sent.
    var outgoing = ByteBuffer()
    /// Bytes that OpenSSL read of a record that it has not delivered: an upper bound of what it holds.
    var undelivered = 0

    /// Makes a BIO over this object, which must outlive it: the BIO holds no reference.
    ///
    /// - Returns: A `BIO *` that the caller owns, or `nil` without memory.
    func makeBIO() -> OpaquePointer? {
        guard let method = Self.method, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    private static func of(_ bio: OpaquePointer?) -> CiphertextBuffers? {
        guard let bio, let data = BIO_get_data(bio) else { return nil }
        return Unmanaged<CiphertextBuffers>.fromOpaque(data).takeUnretainedValue()
    }

    private func read(into destination: UnsafeMutableRawBufferPointer) -> Int {
        let count = self.incoming.readWithUnsafeReadableBytes { source in
            let count = min(source.count, destination.count)
            destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: source.prefix(count)))
            return count
        }
        // Whoever lent the memory gets it back: a connection at rest holds none.
        if self.incoming.readableBytes == 0 { self.incoming = ByteBuffer() }
        self.undelivered += count
        return count
    }

    /// Made once and never changed or freed, so any thread may use it: BIO_meth_new(3).
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        let type = BIO_get_new_index()
        guard type != -1, let method = BIO_meth_new(type | BIO_TYPE_SOURCE_SINK, "ciphertext buffers") else {
            return nil
        }
        BIO_meth_set_read_ex(method) { bio, destination, size, countRead in
            guard let bio, let destination, let buffers = CiphertextBuffers.of(bio) else { return 0 }
            COpenSSL_BIO_clear_retry_flags(bio)
            let count = buffers.read(into: UnsafeMutableRawBufferPointer(start: destination, count: size))
            countRead?.pointee = count
            guard count > 0 else {
                COpenSSL_BIO_set_retry_read(bio)
                return 0
            }
            return 1
        }
        BIO_meth_set_write_ex(method) { bio, source, size, countWritten in
            guard let bio, let source, let buffers = CiphertextBuffers.of(bio) else { return 0 }
            COpenSSL_BIO_clear_retry_flags(bio)
            buffers.outgoing.writeBytes(UnsafeRawBufferPointer(start: source, count: size))
            countWritten?.pointee = size
            return 1
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in
            command == BIO_CTRL_FLUSH ? 1 : 0
        }
        return method
    }()
}
