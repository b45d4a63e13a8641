// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import NIOCore
import Synchronization

/// The other end of a stream under test: a blocking descriptor, so that nothing but the kernel lies between.
///
/// None of its calls waits for ever: a test that hangs is a test that fails.
final class Peer: Sendable {
    private let descriptor: Mutex<CInt?>

    init(_ descriptor: CInt) {
        self.descriptor = Mutex(descriptor)
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit {
        self.close()
    }

    // MARK: Sending

    func send(_ bytes: ByteBuffer) async throws {
        try await self.wait { descriptor in
            try bytes.withUnsafeReadableBytes { bytes in
                var rest = bytes
                while !rest.isEmpty {
                    let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                    guard count > 0 else { throw IOError(errnoCode: errno, reason: "write") }
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                }
            }
        }
    }

    /// Sends until the kernel takes no more.
    ///
    /// - Returns: how many bytes that were.
    func sendUntilFull() async throws -> Int {
        try await self.wait { descriptor in
            let block = [UInt8](repeating: 0x61, count: 65_536)
            var total = 0
            while true {
                let count = Glibc.send(descriptor, block, block.count, CInt(MSG_DONTWAIT))
                if count < 0, errno == EAGAIN { return total }
                guard count > 0 else { throw IOError(errnoCode: errno, reason: "send") }
                total += count
            }
        }
    }

    /// Sends FIN.
    func finish() {
        self.withDescriptor { _ = shutdown($0, CInt(SHUT_WR)) }
    }

    /// Sends a reset (TCP).
    func reset() {
        self.withDescriptor { descriptor in
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        self.close()
    }

    func close() {
        self.descriptor.withLock { descriptor in
            if let open = descriptor.take() { _ = Glibc.close(open) }
        }
    }

    // MARK: Receiving

    /// Waits for `count` bytes, or for the end.
    func receive(_ count: Int) async throws -> ByteBuffer {
        try await self.wait { descriptor in
            var all = ByteBuffer()
            while all.readableBytes < count {
                let missing = count - all.readableBytes
                let got = try all.writeWithUnsafeMutableBytes(minimumWritableBytes: 65_536) { space in
                    let got = Glibc.read(descriptor, space.baseAddress, min(space.count, missing))
                    guard got >= 0 else { throw IOError(errnoCode: errno, reason: "read") }
                    return got
                }
                if got == 0 { break }
            }
            return all
        }
    }

    /// Waits for some bytes, or for the end.
    func receiveSome() async throws -> ByteBuffer {
        try await self.wait { descriptor in
            var bytes = ByteBuffer()
            try bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: 65_536) { space in
                let got = Glibc.read(descriptor, space.baseAddress, space.count)
                guard got >= 0 else { throw IOError(errnoCode: errno, reason: "read") }
                return got
            }
            return bytes
        }
    }

    /// Waits for the end.
    ///
    /// - Returns: all that came before.
    func receiveToEnd() async throws -> ByteBuffer {
        try await self.receive(.max)
    }

    /// Waits for the end, whatever it is.
    ///
    /// - Returns: the `errno` of a broken connection, or 0 for an orderly end.
    func errorAtEnd() async -> CInt {
        do {
            _ = try await self.receiveToEnd()
            return 0
        } catch {
            return (error as? IOError)?.errnoCode ?? -1
        }
    }

    // MARK: Parts

    /// Runs `body` on a thread of its own, so that no call that waits can keep another from being made.
    private func wait<Result: Sendable>(_ body: @escaping @Sendable (CInt) throws -> Result) async throws -> Result {
        guard let descriptor = self.descriptor.withLock({ $0 }) else {
            throw IOError(errnoCode: EBADF, reason: "closed")
        }
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: .init { try body(descriptor) }) }
        }
    }

    private func withDescriptor(_ body: (CInt) -> Void) {
        self.descriptor.withLock { descriptor in
            if let descriptor { body(descriptor) }
        }
    }
}
