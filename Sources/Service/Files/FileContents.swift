// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads a small file whole.
enum FileContents {
    /// Why it can't be read.
    struct Failure: Error, Equatable {
        let reason: String
        let hint: String
    }

    /// - Parameter limit: The most bytes that are taken.
    static func read(_ path: String, limit: Int = 16 << 20) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure() }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw Failure(reason: "it is a folder", hint: "name a file") }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = part.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure() }
            guard count > 0 else { return bytes }
            bytes += part.prefix(count)
            guard bytes.count <= limit else {
                throw Failure(reason: "it is larger than \(limit >> 20) MiB", hint: "name another file")
            }
        }
    }

    private static func failure() -> Failure {
        let code = errno
        let hint =
            switch code {
            case ENOENT: "check the path"
            case EACCES, EPERM: "let the service's user read it"
            default: "check the file"
            }
        return Failure(reason: String(cString: strerror(code)), hint: hint)
    }
}
