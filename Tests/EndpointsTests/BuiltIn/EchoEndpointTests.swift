// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore
import Testing

@testable import Endpoints

@Suite("echo:")
struct EchoEndpointTests {
    @Test func sendsBackWhatItGetsMessageForMessage() async throws {
        try await onEventLoop { executor in
            let echo = EchoEndpoint()
            let writing = Task.detached(executorPreference: executor) {
                for number in 0..<100 {
                    let piece = MessagePiece(isText: number % 2 == 0, isFinal: number % 3 == 0)
                    try await echo.write(Chunk(buffer("\(number)"), message: piece, hasMore: number % 5 == 0))
                }
                echo.finish()
            }
            for number in 0..<100 {
                let chunk = try #require(try await echo.read())
                #expect(chunk.bytes == buffer("\(number)"))
                #expect(chunk.message == MessagePiece(isText: number % 2 == 0, isFinal: number % 3 == 0))
                #expect(chunk.hasMore == (number % 5 == 0))
            }
            let end = try await echo.read()
            #expect(end == nil)
            try await writing.value
        }
    }

    @Test func holdsOneChunkAndThenWaits() async throws {
        try await onEventLoop { executor in
            let echo = EchoEndpoint()
            try await echo.write(Chunk(buffer("a")))
            let isWritten = Flag()
            let writing = Task.detached(executorPreference: executor) {
                try await echo.write(Chunk(buffer("b")))
                isWritten.set()
            }
            try await executor.eventLoop.submit {}.get()
            #expect(!isWritten.isSet)
            let first = try await echo.read()
            #expect(first?.bytes == buffer("a"))
            try await writing.value
            let second = try await echo.read()
            #expect(second?.bytes == buffer("b"))
        }
    }

    @Test func theLastChunkComesBeforeTheEnd() async throws {
        try await onEventLoop { _ in
            let echo = EchoEndpoint()
            try await echo.write(Chunk(buffer("last")))
            echo.finish()
            let last = try await echo.read()
            #expect(last?.bytes == buffer("last"))
            for _ in 0..<2 {
                let end = try await echo.read()
                #expect(end == nil)
            }
        }
    }

    @Test func finishWakesAWaitingReader() async throws {
        try await onEventLoop { executor in
            let echo = EchoEndpoint()
            let reading = Task.detached(executorPreference: executor) { try await echo.read() == nil }
            try await executor.eventLoop.submit {}.get()
            echo.finish()
            #expect(try await reading.value)
        }
    }

    @Test func stopWakesAWaitingReader() async throws {
        try await onEventLoop { executor in
            let echo = EchoEndpoint()
            let reading = Task.detached(executorPreference: executor) { _ = try await echo.read() }
            try await executor.eventLoop.submit {}.get()
            echo.stop()
            await #expect(throws: CancellationError.self) { try await reading.value }
        }
    }

    @Test func stopWakesAWaitingWriter() async throws {
        try await onEventLoop { executor in
            let echo = EchoEndpoint()
            try await echo.write(Chunk(buffer("a")))
            let writing = Task.detached(executorPreference: executor) { try await echo.write(Chunk(buffer("b"))) }
            try await executor.eventLoop.submit {}.get()
            echo.stop()
            await #expect(throws: CancellationError.self) { try await writing.value }
        }
    }

    @Test func nothingCanBeWrittenAfterFinish() async throws {
        try await onEventLoop { _ in
            let echo = EchoEndpoint()
            echo.finish()
            await #expect(throws: (any Error).self) { try await echo.write(Chunk(buffer("a"))) }
        }
    }
}
