// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import RelayCore
import Testing

@testable import Endpoints

@Suite("Standard streams")
struct StandardStreamsEndpointTests {
    /// A source and a sink that fail.
    ///
    /// `@unchecked Sendable` holds because a test uses it from one task.
    private final class Failing: ByteSource, ByteSink, @unchecked Sendable {
        var onLost: (@Sendable (any Error) -> Void)?
        let hasMore = false
        private let error: any Error

        init(_ error: any Error) {
            self.error = error
        }

        func read() async throws -> ByteBuffer? { throw self.error }
        func write(_ bytes: ByteBuffer, hasMore: Bool) async throws { throw self.error }
        func finish() throws { throw self.error }
        func stop() {}
        func close() async {}
    }

    private static func endpoint(failingWith error: any Error) -> StandardStreamsEndpoint {
        let failing = Failing(error)
        return StandardStreamsEndpoint(source: failing, sink: failing)
    }

    @Test func bytesGoThrough() async throws {
        let sink = CollectingSink()
        let endpoint = StandardStreamsEndpoint(source: ScriptedSource([buffer("in")]), sink: sink)
        #expect(endpoint.name == "stdio")
        let chunk = try await endpoint.read()
        #expect(chunk?.bytes == buffer("in"))
        let end = try await endpoint.read()
        #expect(end == nil)
        try await endpoint.write(Chunk(buffer("out")))
        try endpoint.finish()
        #expect(sink.bytes == buffer("out"))
        #expect(sink.isFinished)
    }

    @Test func anErrorSaysWhichStreamItIsAbout() async throws {
        let endpoint = Self.endpoint(failingWith: IOError(errnoCode: ENOSPC, reason: "write"))
        await #expect {
            try await endpoint.read()
        } throws: {
            "\($0)" == "stdin: No space left on device (make room on the disk)"
        }
        await #expect {
            try await endpoint.write(Chunk(buffer("x")))
        } throws: {
            "\($0)".hasPrefix("stdout: No space left")
        }
        #expect {
            try endpoint.finish()
        } throws: {
            "\($0)".hasPrefix("stdout: No space left")
        }
    }

    @Test func aLostOutputIsNamedToo() throws {
        let sink = CollectingSink()
        let endpoint = StandardStreamsEndpoint(source: ScriptedSource([]), sink: sink)
        let errors = Seen<String>()
        endpoint.onOutputLost = { errors.append("\($0)") }
        sink.onLost?(IOError(errnoCode: ENOSPC, reason: "write"))
        #expect(errors.all == ["stdout: No space left on device (make room on the disk)"])
    }

    @Test func aCancelledReadStaysOne() async throws {
        let endpoint = Self.endpoint(failingWith: CancellationError())
        await #expect(throws: CancellationError.self) { _ = try await endpoint.read() }
    }
}
