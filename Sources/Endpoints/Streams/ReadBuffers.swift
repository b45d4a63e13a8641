// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import CMalloc
import NIOCore
import NIOPosix

/// The read buffers of an event loop, lent to whichever of its channels is being read: a channel at rest holds none, and
/// a busy loop reads into memory that is warm.
///
/// Who gets a buffer of bytes tells by `keep`, and it is lent again once nobody else holds a slice of it. While it is
/// being read into it is not kept here, since NIO would copy storage that is shared.
///
/// `@unchecked Sendable` holds because it is used on its event loop's thread only.
final class ReadBuffers: @unchecked Sendable {
    /// A buffer of the sizes that links need.
    enum Size: Equatable {
        /// For keystrokes and requests: what waits in front of a slow sink pins little memory.
        case small
        /// For a stream that fills small ones.
        case large
        /// For a stream that fills large ones. Two links at a time can have one; who comes third gets a large one.
        case huge
    }

    /// Bytes of a small buffer.
    static let smallCapacity = 8 << 10
    /// Bytes of a large buffer, of which a page at most stays unused.
    static let largeCapacity = 256 << 10
    /// Bytes of a huge buffer, of which a page at most stays unused; the most that one read takes.
    static let hugeCapacity = 1 << 20
    /// A read that took so much has filled a large buffer.
    static let largeFill = ReadBuffers.largeCapacity - ReadBuffers.pageSize
    /// One for each direction of a busy link: those of a loop seldom wait for their sinks at the same time.
    private static let kept = 2

    private static let ofThisThread = ThreadSpecificVariable<ReadBuffers>()
    private var small: [ByteBuffer] = []
    private var large: [ByteBuffer] = []
    private var huge: [ByteBuffer] = []
    /// All huge ones there are: kept, held by others, or both.
    private var hugeStorages: [StorageReference] = []
    private var bulkStreams = 0

    /// Those of the event loop whose thread calls.
    static var current: ReadBuffers {
        if let buffers = Self.ofThisThread.currentValue { return buffers }
        let buffers = ReadBuffers()
        Self.ofThisThread.currentValue = buffers
        return buffers
    }

    /// An empty buffer with room for what one read may take.
    func take(_ size: Size) -> ByteBuffer {
        switch size {
        case .small:
            return Self.free(in: &self.small) ?? ByteBufferAllocator().buffer(capacity: Self.smallCapacity)
        case .large:
            return Self.free(in: &self.large) ?? Self.make(Self.largeCapacity)
        case .huge:
            return Self.free(in: &self.huge) ?? self.makeHuge() ?? self.take(.large)
        }
    }

    /// A stream wants huge buffers from now on; `endBulk` follows.
    func beginBulk() {
        Self.haveHugeMemoryReturned
        self.bulkStreams += 1
    }

    /// With the last one huge buffers are freed, those that others hold by whoever holds them last.
    func endBulk() {
        self.bulkStreams -= 1
        if self.bulkStreams == 0 { self.huge = [] }
    }

    /// Frees all that is kept.
    func removeAll() {
        (self.small, self.large, self.huge) = ([], [], [])
    }

    /// What free(3) gets of a huge buffer goes to the kernel at once. By itself malloc(3) would keep it, and up to 2 MiB
    /// more of each thread's, from the first one that is freed on (mallopt(3), M_MMAP_THRESHOLD).
    private static let haveHugeMemoryReturned: Void = {
        _ = mallopt(M_MMAP_THRESHOLD, CInt(ReadBuffers.hugeCapacity / 2))
        _ = mallopt(M_TRIM_THRESHOLD, CInt(ReadBuffers.hugeCapacity / 2))
    }()

    private func makeHuge() -> ByteBuffer? {
        self.hugeStorages.removeAll { !$0.isHeld }
        guard self.hugeStorages.count < Self.kept else { return nil }
        let buffer = Self.make(Self.hugeCapacity)
        self.hugeStorages.append(StorageReference(to: buffer))
        return buffer
    }

    private static func make(_ capacity: Int) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: capacity)
        Self.moveToMiddleOfPage(&buffer)
        return buffer
    }

    /// Lends the storage of `bytes` again when `bytes` is gone, if it is from here.
    func keep(_ bytes: ByteBuffer) {
        switch bytes.capacity {
        case Self.smallCapacity where self.small.count < Self.kept: self.small.append(bytes)
        case Self.largeCapacity where self.large.count < Self.kept: self.large.append(bytes)
        case Self.hugeCapacity where self.bulkStreams > 0: self.huge.append(bytes)
        default: break
        }
    }

    private static func free(in buffers: inout [ByteBuffer]) -> ByteBuffer? {
        for index in buffers.indices.reversed() {
            let isFree = buffers[index].modifyIfUniquelyOwned { buffer in
                buffer.clear()
                if buffer.capacity > Self.smallCapacity { Self.moveToMiddleOfPage(&buffer) }
                return true
            }
            if isFree == true { return buffers.remove(at: index) }
        }
        return nil
    }

    /// The kernel's own buffers begin with a page, and so do large ones of malloc. A copy between two addresses that are
    /// the same but for their page is slowed to half by the processor, which takes each load for one of the stores just
    /// before it ("4K aliasing").
    private static func moveToMiddleOfPage(_ buffer: inout ByteBuffer) {
        let start = buffer.withUnsafeMutableWritableBytes { memory in
            (Self.pageSize * 3 / 2 - Int(bitPattern: memory.baseAddress) % Self.pageSize) % Self.pageSize
        }
        buffer.moveWriterIndex(to: start)
        buffer.moveReaderIndex(to: start)
    }

    private static let pageSize = 4096
}
