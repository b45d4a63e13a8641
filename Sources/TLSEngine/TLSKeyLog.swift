// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file that the secrets of connections are appended to, a line each, for Wireshark (SSL_CTX_set_keylog_callback(3)).
final class TLSKeyLog: Sendable {
    private let descriptor: CInt

    /// A new file is readable for its owner only: whoever has it can read what is relayed.
    init(_ path: String) throws(TLSError) {
        self.descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else {
            throw .configuration(
                file: path,
                reason: "cannot be written: \(String(cString: strerror(errno)))",
                advice: "set SSLKEYLOGFILE to another file, or unset it"
            )
        }
    }

    deinit {
        if self.descriptor >= 0 { close(self.descriptor) }
    }

    /// In one call, so that lines of several threads and processes do not mix.
    func append(_ line: UnsafePointer<CChar>) {
        let length = strlen(line)
        withUnsafeTemporaryAllocation(byteCount: length + 1, alignment: 1) { bytes in
            bytes.copyMemory(from: UnsafeRawBufferPointer(start: line, count: length))
            bytes[length] = UInt8(ascii: "\n")
            // A disk that is full does not stop the relay.
            _ = write(self.descriptor, bytes.baseAddress, bytes.count)
        }
    }
}
