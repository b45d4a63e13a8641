// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How files are now, to see later whether somebody has put others in their place.
struct TLSFiles: Equatable, Sendable {
    private struct Mark: Equatable {
        var device: UInt
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private let marks: [Mark?]

    /// - Parameter paths: Symbolic links are followed. What is no file, such as a pipe, does not change.
    init(_ paths: [String]) {
        self.marks = paths.map { path in
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            return Mark(
                device: UInt(status.st_dev),
                inode: UInt(status.st_ino),
                size: Int(status.st_size),
                seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec
            )
        }
    }
}
