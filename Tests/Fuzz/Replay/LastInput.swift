// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// The input that is being run, in a file that outlives a trap: the kernel writes it, whatever becomes of the process.
final class LastInput {
    let path: String
    private let memory: UnsafeMutableRawBufferPointer
    private let descriptor: CInt

    /// - Parameter limit: length of the longest input.
    init(_ target: FuzzTarget, limit: Int) throws {
        self.path = "\(NSTemporaryDirectory())crash-\(target.name)-\(getpid())"
        self.descriptor = open(self.path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        let isLong = ftruncate(self.descriptor, off_t(limit)) == 0
        let pointer = mmap(nil, limit, PROT_READ | PROT_WRITE, MAP_SHARED, self.descriptor, 0)
        guard isLong, let pointer, pointer != MAP_FAILED else { throw POSIXError(.ENOMEM) }
        self.memory = UnsafeMutableRawBufferPointer(start: pointer, count: limit)
    }

    deinit {
        munmap(self.memory.baseAddress, self.memory.count)
        close(self.descriptor)
        unlink(self.path)
    }

    func note(_ bytes: [UInt8]) {
        // First, since memory behind the end of its file can't be written to.
        ftruncate(self.descriptor, off_t(bytes.count))
        self.memory.copyBytes(from: bytes)
    }
}
