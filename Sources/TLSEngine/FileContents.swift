// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A file's bytes. They are read once, since it may be a pipe, and wiped at the end, since a key may be among them.
final class FileContents {
    /// A memory BIO that holds them: BIO_s_mem(3) wipes what it frees.
    private let memory: OpaquePointer

    /// - Throws: `.configuration`, in the words of the system.
    init(of path: String) throws(TLSError) {
        OpenSSLError.clearQueue()
        guard let memory = BIO_new(BIO_s_mem()) else { throw .setUp(file: path, doing: "cannot be read") }
        self.memory = memory
        guard let file = BIO_new_file(path, "r") else { throw .setUp(file: path, doing: "cannot be read") }
        defer { BIO_free(file) }
        try withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { part throws(TLSError) in
            defer { OPENSSL_cleanse(part.baseAddress, part.count) }
            var count = 0
            while BIO_read_ex(file, part.baseAddress, part.count, &count) == 1 {
                guard self.bytes.count + count <= Self.limit else {
                    throw .configuration(file: path, reason: "over \(Self.limit >> 20) MiB, so it is something else")
                }
                guard BIO_write(memory, part.baseAddress, Int32(count)) == Int32(count) else {
                    throw .setUp(file: path, doing: "cannot be read")
                }
            }
        }
        if ERR_peek_error() != 0 { throw .setUp(file: path, doing: "cannot be read") }
    }

    deinit {
        BIO_free(self.memory)
    }

    /// They last as long as this object.
    var bytes: UnsafeRawBufferPointer {
        var start: UnsafeMutablePointer<CChar>?
        let count = COpenSSL_BIO_get_mem_data(self.memory, &start)
        return UnsafeRawBufferPointer(start: start, count: max(0, count))
    }

    /// Whether they begin as ASN.1 does; PEM is text.
    var isDER: Bool { self.bytes.first == 0x30 }

    /// Whether a line of PEM says that a key in it is encrypted (RFC 7468 §11, RFC 1421 §4.6.1.1).
    var saysEncrypted: Bool {
        let word = Array("ENCRYPTED".utf8)
        let bytes = self.bytes
        return bytes.indices.contains { bytes[$0] == word.first && bytes[$0...].starts(with: word) }
    }

    /// Reads them from the first on with `body`, which is given a `BIO *`.
    func read<Value>(_ body: (OpaquePointer) -> Value?) -> Value? {
        let bytes = self.bytes
        let start = bytes.isEmpty ? nil : bytes.baseAddress
        let bio = start.map { BIO_new_mem_buf($0, Int32(clamping: bytes.count)) } ?? BIO_new(BIO_s_mem())
        guard let bio else { return nil }
        defer { BIO_free(bio) }
        return body(bio)
    }

    private static let limit = 1 << 20
}
