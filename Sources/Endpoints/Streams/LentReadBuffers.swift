// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Has a channel read into the buffers of its event loop, small ones until reads fill them.
struct LentReadBuffers: RecvByteBufferAllocator {
    private enum State {
        /// Nothing was read. NIO keeps the buffer of a channel's first read for good, so that one is tiny.
        case new
        /// Reads fit small buffers.
        case small
        /// A read has filled a small buffer, and of those since then the last `slackReads` have not.
        case large(slackReads: Int)
    }

    private let buffers: ReadBuffers
    private var state: State

    /// So many reads in a row that a small buffer would have held end the use of large ones.
    private static let patience = 4
    private static let firstCapacity = 512

    init(_ buffers: ReadBuffers) {
        self.buffers = buffers
        self.state = .new
    }

    private init(_ buffers: ReadBuffers, _ state: State) {
        self.buffers = buffers
        self.state = state
    }

    /// For a channel whose reads have just filled large buffers.
    static func afterBulk(_ buffers: ReadBuffers) -> LentReadBuffers { LentReadBuffers(buffers, .large(slackReads: 0)) }

    /// A buffer for the next read.
    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        switch self.state {
        case .new: allocator.buffer(capacity: Self.firstCapacity)
        case .small: self.buffers.take(.small)
        case .large: self.buffers.take(.large)
        }
    }

    /// - Returns: `true`, which keeps NIO from reusing the last buffer by itself.
    mutating func record(actualReadBytes: Int) -> Bool {
        let fitsSmall = actualReadBytes < ReadBuffers.smallCapacity
        switch self.state {
        case .new, .small:
            self.state = fitsSmall ? .small : .large(slackReads: 0)
        case .large(let slackReads) where fitsSmall && slackReads + 1 == Self.patience:
            self.state = .small
        case .large(let slackReads):
            self.state = .large(slackReads: fitsSmall ? slackReads + 1 : 0)
        }
        return true
    }
}
