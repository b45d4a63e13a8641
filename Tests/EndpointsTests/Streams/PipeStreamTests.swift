// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Endpoints

@Suite("Pipes")
struct PipeStreamTests {
    @Test func readsToTheEnd() async throws {
        let (readEnd, writeEnd) = try openPipe()
        let peer = Peer(writeEnd)
        try await onEventLoop { executor in
            let stream = try await PipeStream.open(reading: readEnd, on: executor)
            let reading = Task.detached(executorPreference: executor) {
                var all = ByteBuffer()
                while let bytes = try await stream.read() { all.writeImmutableBuffer(bytes) }
                return all
            }
            try await peer.send(pattern(1_000_000))
            peer.close()
            #expect(try await reading.value == pattern(1_000_000))
            await stream.close()
        }
    }

    @Test func aWriteWaitsForTheReaderAndFinishCloses() async throws {
        let (readEnd, writeEnd) = try openPipe()
        let peer = Peer(readEnd)
        try await onEventLoop { executor in
            let stream = try await PipeStream.open(writing: writeEnd, on: executor)
            let isWritten = Flag()
            let writing = Task.detached(executorPreference: executor) {
                try await stream.write(pattern(1_000_000), hasMore: false)
                isWritten.set()
                stream.finish()
            }
            // 64 KiB fit into a pipe.
            #expect(try await peer.receive(100_000) == pattern(1_000_000).getSlice(at: 0, length: 100_000))
            #expect(!isWritten.isSet)
            #expect(try await peer.receiveToEnd().readableBytes == 900_000)
            try await writing.value
            await stream.close()
        }
    }

    @Test func finishComesBehindAllThatWasWritten() async throws {
        let (readEnd, writeEnd) = try openPipe()
        let peer = Peer(readEnd)
        try await onEventLoop { executor in
            let stream = try await PipeStream.open(writing: writeEnd, on: executor)
            try stream.send(pattern(1_000_000), flush: true)
            stream.finish()
            #expect(try await peer.receiveToEnd() == pattern(1_000_000))
            await stream.close()
        }
    }

    @Test func aReaderThatGoesIsReportedWhileNobodyWrites() async throws {
        let (readEnd, writeEnd) = try openPipe()
        let peer = Peer(readEnd)
        try await onEventLoop { executor in
            let stream = try await PipeStream.open(writing: writeEnd, on: executor)
            let error = try await withCheckedThrowingContinuation { (lost: CheckedContinuation<any Error, any Error>) in
                stream.onLost = { lost.resume(returning: $0) }
                peer.close()
            }
            guard case StreamError.closedByReader = error else {
                Issue.record("\(error)")
                return
            }
            await #expect(throws: StreamError.self) { try await stream.write(buffer("x"), hasMore: false) }
            await stream.close()
        }
    }

    @Test func aReaderThatGoesWakesAWaitingWriter() async throws {
        let (readEnd, writeEnd) = try openPipe()
        let peer = Peer(readEnd)
        try await onEventLoop { executor in
            let stream = try await PipeStream.open(writing: writeEnd, on: executor)
            let writing = Task.detached(executorPreference: executor) {
                try await stream.write(pattern(1_000_000), hasMore: false)
            }
            _ = try await peer.receive(1)
            peer.close()
            await #expect(throws: StreamError.self) { try await writing.value }
            await stream.close()
        }
    }
}
