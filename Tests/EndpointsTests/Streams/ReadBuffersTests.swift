// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Endpoints

@Suite("Read buffers of an event loop")
struct ReadBuffersTests {
    @Test(arguments: [ReadBuffers.Size.small, .large, .huge])
    func lendsTheSameMemoryAgainOnceNobodyHoldsIt(size: ReadBuffers.Size) {
        let buffers = ReadBuffers()
        buffers.beginBulk()
        var lent: ByteBuffer? = buffers.take(size)
        let first = lent?.address
        lent.map(buffers.keep)
        lent = nil
        #expect(buffers.take(size).address == first)
    }

    @Test(arguments: [ReadBuffers.Size.small, .large, .huge])
    func lendsOtherMemoryWhileASliceIsHeld(size: ReadBuffers.Size) {
        let buffers = ReadBuffers()
        buffers.beginBulk()
        var lent = buffers.take(size)
        let first = lent.address
        lent.writeString("held")
        buffers.keep(lent)
        let slice = lent.readSlice(length: 4)
        lent = ByteBuffer()
        var second = buffers.take(size)
        #expect(second.address != first)
        second.writeString("over")
        #expect(slice.map { String(buffer: $0) } == "held")
    }

    /// NIO writes into the buffer, and would have a copy of shared storage.
    @Test func lentMemoryIsSharedWithNobody() {
        let buffers = ReadBuffers()
        for _ in 0..<2 {
            var lent = buffers.take(.large)
            let isUnshared = lent.modifyIfUniquelyOwned { _ in true }
            #expect(isUnshared == true)
            buffers.keep(lent)
        }
    }

    @Test(arguments: [(ReadBuffers.Size.large, 256 << 10), (.huge, 1 << 20)])
    func beginsInTheMiddleOfAPageAndLosesNoMoreThanOne(size: ReadBuffers.Size, capacity: Int) {
        let buffers = ReadBuffers()
        buffers.beginBulk()
        for _ in 0..<3 {
            let lent = buffers.take(size)
            #expect(lent.capacity == capacity)
            #expect(lent.address % 4096 == 2048)
            #expect(lent.writableBytes > capacity - 4096)
            buffers.keep(lent)
        }
    }

    /// However many links wait for slow sinks with what was read.
    @Test func lendsTwoHugeOnesAtATimeThenLargeOnes() {
        let buffers = ReadBuffers()
        buffers.beginBulk()
        var held: [ByteBuffer] = []
        for expected in [1 << 20, 1 << 20, 256 << 10, 256 << 10, 256 << 10] {
            let lent = buffers.take(.huge)
            #expect(lent.capacity == expected)
            buffers.keep(lent)
            held.append(lent)
        }
        held.removeFirst()
        #expect(buffers.take(.huge).capacity == 1 << 20)
    }

    /// As when there was nothing to read.
    @Test func aHugeOneThatWasThrownAwayIsReplaced() {
        let buffers = ReadBuffers()
        buffers.beginBulk()
        for _ in 0..<5 { #expect(buffers.take(.huge).capacity == 1 << 20) }
    }

    @Test func hugeOnesAreFreedWithTheLastBulkStream() {
        let buffers = ReadBuffers()
        for _ in 0..<2 { buffers.beginBulk() }
        let storage = self.takeHugeAndKeep(from: buffers)
        buffers.endBulk()
        #expect(storage.isHeld)
        buffers.endBulk()
        #expect(!storage.isHeld)
    }

    /// However many links stall one after the other, two of them hold huge ones.
    @Test func thoseHeldBeyondTheLastBulkStreamCountAndGoWithTheirLastHolder() {
        let buffers = ReadBuffers()
        var held: [ByteBuffer] = []
        for expected in [1 << 20, 1 << 20, 256 << 10, 256 << 10] {
            buffers.beginBulk()
            let lent = buffers.take(.huge)
            #expect(lent.capacity == expected)
            buffers.keep(lent)
            held.append(lent)
            buffers.endBulk()
        }
        let storages = held.map { StorageReference(to: $0) }
        held = []
        #expect(storages.map(\.isHeld) == [false, false, true, true])
    }

    private func takeHugeAndKeep(from buffers: ReadBuffers) -> StorageReference {
        let lent = buffers.take(.huge)
        buffers.keep(lent)
        return StorageReference(to: lent)
    }

    @Test func keepsNothingThatIsNotItsOwn() {
        let buffers = ReadBuffers()
        let foreign = ByteBuffer(repeating: 0, count: 100)
        buffers.keep(foreign)
        #expect(buffers.take(.small).address != foreign.address)
    }
}

@Suite("Which read buffer a channel borrows")
struct LentReadBuffersTests {
    private let allocator = ByteBufferAllocator()

    @Test func theFirstIsTinySinceNIOKeepsIt() {
        #expect(LentReadBuffers(ReadBuffers()).buffer(allocator: self.allocator).capacity == 512)
    }

    @Test(arguments: [(8191, 8192), (8192, 262_144)])
    func aReadThatFillsASmallBufferAsksForLargeOnes(bytesRead: Int, capacity: Int) {
        var lent = LentReadBuffers(ReadBuffers())
        _ = lent.record(actualReadBytes: 1)
        _ = lent.record(actualReadBytes: bytesRead)
        #expect(lent.buffer(allocator: self.allocator).capacity == capacity)
    }

    @Test(arguments: [(3, 262_144), (4, 8192)])
    func fourShortReadsInARowEndTheUseOfLargeOnes(shortReads: Int, capacity: Int) {
        var lent = LentReadBuffers(ReadBuffers())
        _ = lent.record(actualReadBytes: 1)
        _ = lent.record(actualReadBytes: 8192)
        for _ in 0..<3 { _ = lent.record(actualReadBytes: 8191) }
        // One long one begins the count anew.
        _ = lent.record(actualReadBytes: 8192)
        for _ in 0..<shortReads { _ = lent.record(actualReadBytes: 8191) }
        #expect(lent.buffer(allocator: self.allocator).capacity == capacity)
    }

    @Test(arguments: [(3, 262_144), (4, 8192)])
    func afterBulkLargeOnesAreLentUntilReadsAreShort(shortReads: Int, capacity: Int) {
        var lent = LentReadBuffers.afterBulk(ReadBuffers())
        for _ in 0..<shortReads { _ = lent.record(actualReadBytes: 8191) }
        #expect(lent.buffer(allocator: self.allocator).capacity == capacity)
    }

    /// It would else keep the last buffer of each channel.
    @Test(
        arguments: [LentReadBuffers(ReadBuffers()), BulkReadBuffers(buffers: ReadBuffers())]
            as [any RecvByteBufferAllocator]
    )
    func nioIsToldNotToReuseBuffersByItself(allocator: any RecvByteBufferAllocator) {
        var lent = allocator
        #expect(lent.nextBufferSize() == nil)
        let mayGrow = lent.record(actualReadBytes: 1)
        #expect(mayGrow)
    }
}

extension ByteBuffer {
    /// Where its readable bytes begin, or would.
    fileprivate var address: Int {
        self.withVeryUnsafeBytes { Int(bitPattern: $0.baseAddress) + self.readerIndex }
    }
}
