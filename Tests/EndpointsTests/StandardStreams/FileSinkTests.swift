// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Endpoints

@Suite("Files that are written")
struct FileSinkTests {
    /// Finishing closes the descriptor, so it is not closed here.
    private static func run<Result: Sendable>(
        _ path: String,
        _ body: @escaping @Sendable (FileSink) async throws -> Result
    ) async throws -> Result {
        let descriptor = try openDescriptor(path, O_WRONLY | (path.hasPrefix("/dev/") ? 0 : O_CREAT))
        return try await onEventLoop { executor in
            try await body(FileSink(descriptor, eventLoop: executor.eventLoop, threads: .singleton))
        }
    }

    @Test func allIsWrittenInOrder() async throws {
        let folder = try TestFolder()
        try await Self.run(folder.file("out")) { sink in
            try await sink.write(buffer("one "), hasMore: true)
            try await sink.write(pattern(1_000_000), hasMore: false)
            try await sink.write(ByteBuffer(), hasMore: false)
            try await sink.write(buffer(" two"), hasMore: false)
            try sink.finish()
        }
        var expected = buffer("one ")
        expected.writeImmutableBuffer(pattern(1_000_000))
        expected.writeString(" two")
        #expect(try contents(of: folder.file("out")) == expected)
    }

    @Test func whatMoreIsToFollowIsWrittenAtOnceAllTheSame() async throws {
        let folder = try TestFolder()
        try await Self.run(folder.file("out")) { sink in
            try await sink.write(buffer("one"), hasMore: true)
            #expect(try contents(of: folder.file("out")) == buffer("one"))
            try sink.finish()
        }
    }

    @Test func devNullTakesEverything() async throws {
        try await Self.run("/dev/null") { sink in
            try await sink.write(pattern(1_000_000), hasMore: false)
            try sink.finish()
        }
    }

    @Test func aFullDiskIsReported() async throws {
        try await Self.run("/dev/full") { sink in
            await #expect {
                try await sink.write(buffer("x"), hasMore: false)
            } throws: {
                "\($0)" == "No space left on device (make room on the disk)"
            }
            try sink.finish()
        }
    }

    @Test func nothingIsWrittenAfterStop() async throws {
        let folder = try TestFolder()
        try await Self.run(folder.file("out")) { sink in
            sink.stop()
            await #expect(throws: CancellationError.self) { try await sink.write(buffer("x"), hasMore: false) }
            try sink.finish()
        }
        #expect(try contents(of: folder.file("out")) == ByteBuffer())
    }

    @Test func finishReportsADescriptorThatCanNotBeClosed() async throws {
        try await onEventLoop { executor in
            let sink = FileSink(-1, eventLoop: executor.eventLoop, threads: .singleton)
            #expect(throws: StreamError.self) { try sink.finish() }
        }
    }
}
