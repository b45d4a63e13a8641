// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What `fstat(2)` says of a descriptor, as far as it decides how to wait for it.
enum DescriptorKind {
    case socket
    /// A pipe or a terminal.
    case pollable
    /// A regular file, `/dev/null` or another device that epoll refuses (`EPERM`).
    case file

    init(of descriptor: CInt) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            // Reading or writing it will say why.
            self = .file
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFSOCK: self = .socket
        case S_IFIFO: self = .pollable
        default: self = isatty(descriptor) == 1 ? .pollable : .file
        }
    }
}
