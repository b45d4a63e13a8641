// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix

/// Reads a descriptor that epoll refuses, on a thread that may wait for the disk.
///
/// `@unchecked Sendable` holds because `isStopped` is used on the link's event loop only.
final class FileSource: ByteSource, @unchecked Sendable {
    private let descriptor: CInt
    private let eventLoop: any EventLoop
    private let threads: NIOThreadPool
    private var isStopped = false
    private static let chunkSize = 256 * 1024

    init(_ descriptor: CInt, eventLoop: any EventLoop, threads: NIOThreadPool) {
        self.descriptor = descriptor
        self.eventLoop = eventLoop
        self.threads = threads
    }

    var hasMore: Bool { false }

    nonisolated(nonsending) func read() async throws -> ByteBuffer? {
        if self.isStopped { throw CancellationError() }
        let descriptor = self.descriptor
        let bytes = try await self.threads.runIfActive(eventLoop: self.eventLoop) {
            var bytes = ByteBuffer()
            try bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.chunkSize) { space in
                while true {
                    let count = Glibc.read(descriptor, space.baseAddress, space.count)
                    if count >= 0 { return count }
                    if errno != EINTR { throw IOError(errnoCode: errno, reason: "read") }
                }
            }
            return bytes
        }.get()
        if self.isStopped { throw CancellationError() }
        return bytes.readableBytes == 0 ? nil : bytes
    }

    func stop() {
        self.isStopped = true
    }

    func close() async {}
}
