// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Endpoints

@Suite("Files that are read")
struct FileSourceTests {
    private static func run<Result: Sendable>(
        _ path: String,
        _ body: @escaping @Sendable (FileSource) async throws -> Result
    ) async throws -> Result {
        let descriptor = try openDescriptor(path, O_RDONLY)
        defer { _ = close(descriptor) }
        return try await onEventLoop { executor in
            try await body(FileSource(descriptor, eventLoop: executor.eventLoop, threads: .singleton))
        }
    }

    @Test(arguments: [1, 262_143, 262_144, 262_145, 1_000_000])
    func aFileIsReadToItsEnd(size: Int) async throws {
        let folder = try TestFolder()
        let path = try folder.write(pattern(size), to: "in")
        let all = try await Self.run(path) { source in
            var all = ByteBuffer()
            while let bytes = try await source.read() {
                #expect(bytes.readableBytes > 0)
                all.writeImmutableBuffer(bytes)
            }
            return all
        }
        #expect(all == pattern(size))
    }

    @Test func anEmptyFileAndDevNullEndAtOnce() async throws {
        let folder = try TestFolder()
        for path in [try folder.write(ByteBuffer(), to: "in"), "/dev/null"] {
            let bytes = try await Self.run(path) { source in try await source.read() }
            #expect(bytes == nil)
        }
    }

    @Test func aFolderCanNotBeReadAndTheErrorSaysWhy() async throws {
        await #expect {
            try await Self.run("/") { source in _ = try await source.read() }
        } throws: {
            "\(StreamError($0))" == "Is a directory (it is a folder)"
        }
    }

    @Test func nothingIsReadAfterStop() async throws {
        try await Self.run("/dev/zero") { source in
            let first = try await source.read()
            #expect(first != nil)
            source.stop()
            await #expect(throws: CancellationError.self) { try await source.read() }
        }
    }
}
