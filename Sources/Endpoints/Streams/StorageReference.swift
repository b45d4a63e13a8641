// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The storage of a buffer, without keeping it.
struct StorageReference {
    private weak var storage: AnyObject?

    /// A reference to what `buffer` and its slices share.
    init(to buffer: ByteBuffer) {
        self.storage = buffer.withUnsafeReadableBytesWithStorageManagement { $1.takeUnretainedValue() }
    }

    /// Someone still holds the buffer, or a slice of it.
    var isHeld: Bool { self.storage != nil }
}
