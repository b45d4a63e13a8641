// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file of a listening Unix socket.
struct SocketFile: Sendable {
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// - Returns: `nil` where there is none, as for an abstract name.
    init?(_ path: String) {
        var status = stat()
        guard !path.hasPrefix("@"), lstat(path, &status) == 0 else { return nil }
        self.path = path
        self.device = status.st_dev
        self.inode = status.st_ino
    }

    /// Removes it, unless another has taken its place.
    func remove() {
        guard let now = SocketFile(self.path), now.device == self.device, now.inode == self.inode else { return }
        _ = unlink(self.path)
    }
}
