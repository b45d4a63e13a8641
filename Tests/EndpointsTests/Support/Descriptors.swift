// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import Testing

@testable import Endpoints

/// A folder of its own for a test, removed with it.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/strait-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else { throw IOError(errnoCode: errno, reason: "mkdtemp") }
        self.path = String(cString: path)
    }

    deinit {
        guard let folder = opendir(self.path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            _ = unlink("\(self.path)/\(name)")
        }
        closedir(folder)
        rmdir(self.path)
    }

    func file(_ name: String) -> String { "\(self.path)/\(name)" }

    /// Makes a file of `bytes`.
    func write(_ bytes: ByteBuffer, to name: String) throws -> String {
        let descriptor = try openDescriptor(self.file(name), O_WRONLY | O_CREAT | O_TRUNC)
        defer { _ = close(descriptor) }
        let count = bytes.withUnsafeReadableBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        #expect(count == bytes.readableBytes)
        return self.file(name)
    }
}

func openDescriptor(_ path: String, _ flags: CInt) throws -> CInt {
    let descriptor = open(path, flags | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: path) }
    return descriptor
}

/// The two ends of a pipe.
func openPipe() throws -> (readEnd: CInt, writeEnd: CInt) {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { throw IOError(errnoCode: errno, reason: "pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}

/// What a file holds.
func contents(of path: String) throws -> ByteBuffer {
    let descriptor = try openDescriptor(path, O_RDONLY)
    defer { _ = close(descriptor) }
    var all = ByteBuffer()
    while all.writeWithUnsafeMutableBytes(
        minimumWritableBytes: 65_536,
        { max(0, read(descriptor, $0.baseAddress, $0.count)) }
    ) > 0 {}
    return all
}

/// Runs `body` on an event loop, as the pumps of a link run.
func onEventLoop<Result: Sendable>(
    _ body: @escaping @Sendable (EventLoopExecutor) async throws -> Result
) async throws -> Result {
    let executor = EventLoops.forTests.next()
    return try await withTaskExecutorPreference(executor) { try await body(executor) }
}
