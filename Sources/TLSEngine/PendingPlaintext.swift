// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Plaintext that was written and not yet encrypted, in order, with its promises and the mark of the last flush.
struct PendingPlaintext {
    private struct Write {
        var bytes: ByteBuffer
        var promise: EventLoopPromise<Void>?
    }

    private var writes = MarkedCircularBuffer<Write>(initialCapacity: 4)

    mutating func append(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>?) {
        self.writes.append(Write(bytes: bytes, promise: promise))
    }

    /// What was written so far may go.
    mutating func flush() {
        self.writes.mark()
    }

    /// Encrypts all that was flushed. Small writes share records: each costs 22 bytes or more, and a pass of the cipher.
    ///
    /// - Parameter promise: Gets the promise of these writes, one that settles the others too, or `nil` without any.
    mutating func encryptFlushed(
        with engine: TLSEngine,
        allocator: ByteBufferAllocator,
        promise: inout EventLoopPromise<Void>?
    ) throws(TLSError) {
        guard self.writes.hasMark else { return }
        var unwritten = self.flushedBytes
        engine.reserveOutgoing(plaintextBytes: unwritten)
        var record = ByteBuffer()
        while self.writes.hasMark {
            var write = self.writes.removeFirst()
            if let own = write.promise {
                if let first = promise {
                    first.futureResult.cascade(to: own)
                } else {
                    promise = own
                }
            }
            unwritten -= write.bytes.readableBytes
            if record.readableBytes > 0 {
                let count = min(TLSEngine.maxFragmentBytes - record.readableBytes, write.bytes.readableBytes)
                if let part = write.bytes.readSlice(length: count) {
                    record.writeImmutableBuffer(part)
                }
                if record.readableBytes == TLSEngine.maxFragmentBytes || unwritten == 0 {
                    try engine.write(record)
                    record.clear()
                }
            }
            let rest = unwritten == 0 ? 0 : write.bytes.readableBytes % TLSEngine.maxFragmentBytes
            if let whole = write.bytes.readSlice(length: write.bytes.readableBytes - rest) {
                try engine.write(whole)
            }
            if rest > 0 {
                if record.capacity == 0 {
                    record = allocator.buffer(capacity: min(TLSEngine.maxFragmentBytes, rest + unwritten))
                }
                record.writeImmutableBuffer(write.bytes)
            }
        }
    }

    private var flushedBytes: Int {
        guard let mark = self.writes.markedElementIndex else { return 0 }
        return self.writes[self.writes.startIndex...mark].reduce(0) { $0 + $1.bytes.readableBytes }
    }

    /// Drops all and gives the promises, for the caller to fail once its own state is settled.
    mutating func removeAll() -> [EventLoopPromise<Void>] {
        let promises = self.writes.compactMap(\.promise)
        self.writes = MarkedCircularBuffer(initialCapacity: 4)
        return promises
    }
}
