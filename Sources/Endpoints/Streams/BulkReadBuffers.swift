// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Has a channel read into huge buffers of its event loop, for as long as its stream is a bulk one (`BulkDetector`).
struct BulkReadBuffers: RecvByteBufferAllocator {
    let buffers: ReadBuffers

    /// A buffer for the next read.
    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { self.buffers.take(.huge) }

    /// - Returns: `true`, which keeps NIO from reusing the last buffer by itself.
    mutating func record(actualReadBytes: Int) -> Bool { true }
}
