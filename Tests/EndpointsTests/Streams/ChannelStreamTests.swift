// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import Testing

@testable import Endpoints

@Suite("Streams")
struct ChannelStreamTests {
    // MARK: Reading

    @Test(arguments: Transport.allCases)
    func nothingIsReadBeforeItIsAskedFor(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            try await pair.peer.send(pattern(10_000))
            while pair.unread < 10_000 { try await pair.turn() }
            try await pair.turn()
            #expect(pair.unread == 10_000)
            let first = try #require(try await pair.stream.read())
            #expect(first == pattern(10_000).getSlice(at: 0, length: first.readableBytes))
            try await pair.turn()
            // One read asks the kernel once.
            #expect(pair.unread == 10_000 - first.readableBytes)
            #expect(pair.unread > 0)
        }
    }

    @Test(arguments: Transport.allCases)
    func aPeerThatIsNotReadIsHeldBack(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            var sent = try await pair.peer.sendUntilFull()
            try await pair.turn()
            // The kernel moves its own limits for a while.
            while case let more = try await pair.peer.sendUntilFull(), more > 0, sent < 256 * 1024 * 1024 {
                sent += more
            }
            #expect(sent < 256 * 1024 * 1024)
            pair.peer.finish()
            let all = try await pair.readToEnd()
            #expect(all.readableBytes == sent)
        }
    }

    @Test(arguments: Transport.allCases)
    func aReadWaitsForBytes(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            let reading = pair.start { try await pair.stream.read() }
            try await pair.turn()
            #expect(pair.stream.readingSince != nil)
            try await pair.peer.send(buffer("hello"))
            #expect(try await reading.value == buffer("hello"))
            #expect(pair.stream.readingSince == nil)
        }
    }

    @Test(arguments: [(3, false), (4, true)])
    func fourFullReadsThatAreEachPassedOnAtOnceMakeABulkStream(reads: Int, isBulk: Bool) async throws {
        try await StreamPair.run(.tcp) { pair in
            let reading = pair.start { while try await pair.stream.read() != nil {} }
            try await pair.arriveFromSocket(times: reads)
            #expect(try pair.isReadInBulk == isBulk)
            pair.peer.finish()
            try await reading.value
        }
    }

    @Test func itsEndMakesItAnOrdinaryOneAgain() async throws {
        try await StreamPair.run(.tcp) { pair in
            let reading = pair.start { while try await pair.stream.read() != nil {} }
            try await pair.arriveFromSocket(times: 4)
            #expect(try pair.isReadInBulk)
            pair.peer.finish()
            try await reading.value
            #expect(try !pair.isReadInBulk)
        }
    }

    @Test func aReadThatIsHeldMakesItAnOrdinaryOneAgain() async throws {
        try await StreamPair.run(.tcp) { pair in
            let reading = pair.start {
                for _ in 0..<5 { _ = try await pair.stream.read() }
                // As behind a sink that waits for room.
                try await pair.turn()
                while try await pair.stream.read() != nil {}
            }
            try await pair.arriveFromSocket(times: 4)
            #expect(try pair.isReadInBulk)
            try await pair.arriveFromSocket(times: 1)
            #expect(try !pair.isReadInBulk)
            pair.peer.finish()
            try await reading.value
        }
    }

    @Test(arguments: Transport.allCases)
    func whatCameBeforeTheEndIsReadBeforeIt(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            try await pair.peer.send(pattern(100_000))
            pair.peer.finish()
            #expect(try await pair.readToEnd() == pattern(100_000))
            // And the end stays.
            #expect(try await pair.stream.read() == nil)
        }
    }

    @Test(arguments: Transport.allCases)
    func anEndWithoutBytesIsAnEnd(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            pair.peer.finish()
            let bytes = try await pair.stream.read()
            #expect(bytes == nil)
        }
    }

    @Test func whatCameBeforeAResetIsReadBeforeTheError() async throws {
        try await StreamPair.run(.tcp) { pair in
            try await pair.peer.send(pattern(50_000))
            while pair.unread < 50_000 { try await pair.turn() }
            pair.peer.reset()
            try await pair.turn()
            var all = ByteBuffer()
            await #expect {
                while let bytes = try await pair.stream.read() { all.writeImmutableBuffer(bytes) }
            } throws: {
                Self.isReset($0)
            }
            #expect(all == pattern(50_000))
            // And the error stays.
            await #expect { try await pair.stream.read() } throws: { Self.isReset($0) }
        }
    }

    /// As a service that answers an upload with an error, and closes without reading all of it.
    @Test(arguments: Transport.allCases)
    func aWaitingReaderGetsWhatCameBeforeAFailedWrite(transport: Transport) async throws {
        let (upload, answer) = (pattern(10_000), pattern(50_000))
        for _ in 0..<20 {
            try await StreamPair.run(transport) { pair in
                let reading = pair.start {
                    var all = ByteBuffer()
                    while let bytes = try? await pair.stream.read() { all.writeImmutableBuffer(bytes) }
                    return all
                }
                let writing = pair.start {
                    while true { try await pair.stream.write(upload, hasMore: false) }
                }
                _ = try await pair.peer.receive(1)
                try await pair.peer.send(answer)
                pair.peer.close()
                await #expect(throws: StreamError.self) { try await writing.value }
                #expect(try await reading.value == answer)
            }
        }
    }

    @Test func aResetWakesAWaitingReader() async throws {
        try await StreamPair.run(.tcp) { pair in
            let reading = pair.start { try await pair.stream.read() }
            try await pair.turn()
            pair.peer.reset()
            await #expect { try await reading.value } throws: { Self.isReset($0) }
            await #expect { try await pair.stream.write(buffer("x"), hasMore: false) } throws: { Self.isReset($0) }
        }
    }

    @Test func hasMoreOnlyWhileBytesWaitInTheStream() async throws {
        try await StreamPair.run(.unix) { pair in
            try await pair.peer.send(buffer("a"))
            #expect(!pair.stream.hasMore)
            _ = try await pair.stream.read()
            #expect(!pair.stream.hasMore)
        }
    }

    @Test(arguments: Transport.allCases)
    func lastReadIsWhenBytesCame(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            let before = pair.stream.lastRead
            try await pair.peer.send(buffer("a"))
            _ = try await pair.stream.read()
            #expect(pair.stream.lastRead > before)
        }
    }

    // MARK: Writing

    @Test(arguments: Transport.allCases)
    func aWriteReachesThePeer(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            try await pair.stream.write(buffer("hello"), hasMore: false)
            #expect(try await pair.peer.receive(5) == buffer("hello"))
            #expect(pair.stream.isDrained)
        }
    }

    @Test(arguments: Transport.allCases)
    func aWriteWaitsUntilThePeerReads(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            // More than any socket buffer takes.
            let size = 32 * 1024 * 1024
            let bytes = pattern(size)
            let isWritten = Flag()
            let writing = pair.start {
                try await pair.stream.write(bytes, hasMore: false)
                isWritten.set()
            }
            try await pair.turn()
            #expect(!isWritten.isSet)
            #expect(!pair.stream.isDrained)
            #expect(try await pair.peer.receive(size) == bytes)
            try await writing.value
        }
    }

    @Test(arguments: Transport.allCases)
    func aBlockedWriteDoesNotBlockReading(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            let writing = pair.start { try await pair.stream.write(pattern(32 * 1024 * 1024), hasMore: false) }
            try await pair.turn()
            try await pair.peer.send(buffer("hello"))
            #expect(try await pair.stream.read() == buffer("hello"))
            pair.stream.stop()
            await #expect(throws: CancellationError.self) { try await writing.value }
        }
    }

    @Test func whatHasMoreBehindItWaitsForTheNextWrite() async throws {
        try await StreamPair.run(.unix) { pair in
            try await pair.stream.write(buffer("one "), hasMore: true)
            try await pair.turn()
            #expect(!pair.stream.isDrained)
            try await pair.stream.write(buffer("two"), hasMore: false)
            #expect(try await pair.peer.receive(7) == buffer("one two"))
        }
    }

    @Test(arguments: Transport.allCases)
    func onDrainedIsCalledWhenThePeerHasTakenAll(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            let isDrained = Flag()
            pair.stream.onDrained = { isDrained.set() }
            try pair.stream.send(pattern(32 * 1024 * 1024), flush: true)
            try await pair.turn()
            #expect(!isDrained.isSet)
            _ = try await pair.peer.receive(32 * 1024 * 1024)
            try await pair.stream.drain()
            #expect(isDrained.isSet)
        }
    }

    @Test(arguments: Transport.allCases)
    func aPeerThatIsGoneIsSeenWhileWriting(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            pair.peer.close()
            // The first bytes may still be taken.
            await #expect(throws: StreamError.self) {
                for _ in 0..<100 {
                    try await pair.stream.write(buffer("x"), hasMore: false)
                    try await pair.turn()
                }
            }
        }
    }

    @Test(arguments: Transport.allCases)
    func aPeerThatGoesWakesAWaitingWriter(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            let writing = pair.start { try await pair.stream.write(pattern(32 * 1024 * 1024), hasMore: false) }
            try await pair.turn()
            pair.peer.close()
            await #expect(throws: StreamError.self) { try await writing.value }
        }
    }

    // MARK: Ending

    @Test(arguments: Transport.allCases)
    func afterFinishThePeerReadsToTheEndAndCanStillSend(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            try await pair.stream.write(buffer("last"), hasMore: false)
            pair.stream.finish()
            #expect(try await pair.peer.receiveToEnd() == buffer("last"))
            let reading = pair.start { try await pair.readToEnd() }
            try await pair.peer.send(pattern(300_000))
            pair.peer.finish()
            #expect(try await reading.value == pattern(300_000))
        }
    }

    @Test(arguments: Transport.allCases)
    func finishComesBehindAllThatWasWritten(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            let size = 16 * 1024 * 1024
            try pair.stream.send(pattern(size), flush: true)
            pair.stream.finish()
            #expect(try await pair.peer.receiveToEnd() == pattern(size))
        }
    }

    /// NIO would close the channel here, and drop what is pending.
    @Test(arguments: Transport.allCases)
    func finishAfterThePeersEndDropsNothing(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            let size = 16 * 1024 * 1024
            pair.peer.finish()
            #expect(try await pair.stream.read() == nil)
            try pair.stream.send(pattern(size), flush: true)
            pair.stream.finish()
            #expect(try await pair.peer.receiveToEnd() == pattern(size))
        }
    }

    @Test(arguments: Transport.allCases)
    func nothingCanBeWrittenAfterFinish(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            pair.stream.finish()
            pair.stream.finish()
            await #expect(throws: StreamError.self) { try await pair.stream.write(buffer("x"), hasMore: false) }
        }
    }

    @Test func aResetReachesThePeerAsOne() async throws {
        try await StreamPair.run(.tcp) { pair in
            try await pair.stream.write(buffer("hello"), hasMore: false)
            #expect(try await pair.peer.receive(5) == buffer("hello"))
            pair.stream.reset()
            #expect(await pair.peer.errorAtEnd() == ECONNRESET)
        }
    }

    @Test func anEndAfterFinishIsNoReset() async throws {
        let payload = pattern(100_000)
        for _ in 0..<20 {
            let (bytes, error) = try await StreamPair.run(.tcp) { pair in
                try await pair.stream.write(payload, hasMore: false)
                pair.stream.finish()
                let closing = pair.start { await pair.stream.close() }
                let bytes = try await pair.peer.receiveToEnd()
                // What it still sends is taken, or the kernel would reset.
                try await pair.peer.send(payload)
                let error = await pair.peer.errorAtEnd()
                pair.peer.close()
                try await closing.value
                return (bytes, error)
            }
            #expect(bytes == pattern(100_000))
            #expect(error == 0)
        }
    }

    @Test(arguments: Transport.allCases)
    func stopWakesAWaitingReader(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            let reading = pair.start { try await pair.stream.read() }
            try await pair.turn()
            pair.stream.stop()
            await #expect(throws: CancellationError.self) { try await reading.value }
            await #expect(throws: CancellationError.self) { try await pair.stream.read() }
            await #expect(throws: CancellationError.self) { try await pair.stream.write(buffer("x"), hasMore: false) }
        }
    }

    @Test(arguments: Transport.allCases)
    func stopWakesAWaitingWriter(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            let writing = pair.start { try await pair.stream.write(pattern(32 * 1024 * 1024), hasMore: false) }
            try await pair.turn()
            pair.stream.stop()
            await #expect(throws: CancellationError.self) { try await writing.value }
        }
    }

    @Test(arguments: Transport.allCases)
    func discardTakesWhatStillComesAndClosesAtTheEnd(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            pair.stream.finish()
            pair.stream.discard()
            // More than the socket buffers take, so it is really read.
            try await pair.peer.send(pattern(32 * 1024 * 1024))
            pair.peer.finish()
            try await pair.stream.channel.closeFuture.get()
            #expect(await pair.peer.errorAtEnd() == 0)
        }
    }

    @Test(arguments: Transport.allCases)
    func discardWakesAWaitingReader(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            let reading = pair.start { try await pair.stream.read() }
            try await pair.turn()
            pair.stream.discard()
            await #expect(throws: CancellationError.self) { try await reading.value }
        }
    }

    @Test(arguments: Transport.allCases)
    func aStreamGivenUpThrowsWhy(transport: Transport) async throws {
        struct Why: Error {}
        try await StreamPair.run(transport) { pair in
            let reading = pair.start { try await pair.stream.read() }
            try await pair.turn()
            pair.stream.giveUp(Why())
            await #expect(throws: Why.self) { try await reading.value }
            await #expect(throws: Why.self) { try await pair.stream.write(buffer("x"), hasMore: false) }
            try await pair.stream.channel.closeFuture.get()
        }
    }

    @Test func aLostOutputIsReportedWhenNobodyReadsOrWrites() async throws {
        try await StreamPair.run(.tcp) { pair in
            let isLost = Flag()
            pair.stream.onLost = { _ in isLost.set() }
            pair.stream.giveUp(StreamError.reset)
            #expect(isLost.isSet)
        }
    }

    private static func isReset(_ error: any Error) -> Bool {
        if case StreamError.reset = error { true } else { false }
    }
}

extension StreamPair {
    /// Has the stream read what fills a large buffer, in turns of the loop of their own.
    fileprivate func arriveFromSocket(times: Int) async throws {
        let channel = self.stream.channel
        for _ in 0..<times {
            try await self.turn()
            channel.eventLoop.execute { channel.pipeline.fireChannelRead(pattern(ReadBuffers.largeFill)) }
        }
        try await self.turn()
        try await self.turn()
    }

    fileprivate var isReadInBulk: Bool {
        get throws { try self.stream.channel.syncOptions?.getOption(.recvAllocator) is BulkReadBuffers }
    }
}
