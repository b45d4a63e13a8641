// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix

/// Writes a descriptor that epoll refuses, on a thread that may wait for the disk.
///
/// `@unchecked Sendable` holds because `isStopped` is used on the link's event loop only.
final class FileSink: ByteSink, @unchecked Sendable {
    var onLost: (@Sendable (any Error) -> Void)?
    private let descriptor: CInt
    private let eventLoop: any EventLoop
    private let threads: NIOThreadPool
    private var isStopped = false

    init(_ descriptor: CInt, eventLoop: any EventLoop, threads: NIOThreadPool) {
        self.descriptor = descriptor
        self.eventLoop = eventLoop
        self.threads = threads
    }

    nonisolated(nonsending) func write(_ bytes: ByteBuffer, hasMore: Bool) async throws {
        if self.isStopped { throw CancellationError() }
        let descriptor = self.descriptor
        do {
            try await self.threads.runIfActive(eventLoop: self.eventLoop) {
                try bytes.withUnsafeReadableBytes { bytes in
                    var rest = bytes
                    while !rest.isEmpty {
                        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                        if count >= 0 {
                            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                        } else if errno != EINTR {
                            throw IOError(errnoCode: errno, reason: "write")
                        }
                    }
                }
            }.get()
        } catch {
            throw StreamError(error)
        }
    }

    func finish() throws {
        let error = InheritedDescriptors.release(self.descriptor)
        if error != 0 { throw StreamError.system(IOError(errnoCode: error, reason: "close")) }
    }

    func stop() {
        self.isStopped = true
    }

    func close() async {}
}
