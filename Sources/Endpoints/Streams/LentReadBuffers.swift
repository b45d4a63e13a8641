// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Has a channel read into the buffers of its event loop, each time of the next size up once reads fill those.
struct LentReadBuffers: RecvByteBufferAllocator {
    private enum State {
        /// Nothing was read. NIO keeps the buffer of a channel's first read for good, so that one is tiny.
        case new
        /// Reads fit small buffers.
        case small
        /// A read has filled a small buffer. Of those since then the last `slackReads` have not, or the last `fullReads`
        /// have filled a large one.
        case large(slackReads: Int, fullReads: Int)
        /// Reads fill large buffers; the last `slackReads` have not.
        case huge(slackReads: Int)
    }

    private let buffers: ReadBuffers
    private let largest: ReadBuffers.Size
    private var state = State.new

    /// So many reads in a row that the next size down would have held end the use of a size, and so many that fill large
    /// buffers begin that of huge ones.
    private static let patience = 4
    private static let firstCapacity = 512

    init(_ buffers: ReadBuffers, upTo largest: ReadBuffers.Size = .huge) {
        self.buffers = buffers
        self.largest = largest
    }

    /// A buffer for the next read.
    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        switch self.state {
        case .new: allocator.buffer(capacity: Self.firstCapacity)
        case .small: self.buffers.take(.small)
        case .large: self.buffers.take(.large)
        case .huge: self.buffers.take(self.largest)
        }
    }

    /// - Returns: `true`, which keeps NIO from reusing the last buffer by itself.
    mutating func record(actualReadBytes: Int) -> Bool {
        let fitsSmall = actualReadBytes < ReadBuffers.smallCapacity
        let fitsLarge = actualReadBytes < ReadBuffers.largeFill
        switch self.state {
        case .new, .small:
            self.state = fitsSmall ? .small : .large(slackReads: 0, fullReads: 0)
        case .large(let slackReads, _) where fitsSmall:
            self.state = slackReads + 1 == Self.patience ? .small : .large(slackReads: slackReads + 1, fullReads: 0)
        case .large(_, let fullReads) where !fitsLarge:
            self.state =
                fullReads + 1 == Self.patience ? .huge(slackReads: 0) : .large(slackReads: 0, fullReads: fullReads + 1)
        case .large:
            self.state = .large(slackReads: 0, fullReads: 0)
        case .huge(let slackReads) where fitsLarge:
            self.state =
                slackReads + 1 == Self.patience
                ? .large(slackReads: 0, fullReads: 0) : .huge(slackReads: slackReads + 1)
        case .huge:
            self.state = .huge(slackReads: 0)
        }
        return true
    }
}
