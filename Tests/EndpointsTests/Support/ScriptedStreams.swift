// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import Endpoints

/// A source of bytes that were written down before.
///
/// `@unchecked Sendable` holds because a test uses it from one task.
final class ScriptedSource: ByteSource, @unchecked Sendable {
    private var reads: ArraySlice<ByteBuffer>

    init(_ reads: [ByteBuffer]) {
        self.reads = reads[...]
    }

    var hasMore: Bool { false }
    func read() async throws -> ByteBuffer? { self.reads.popFirst() }
    func stop() {}
    func close() async {}
}

/// A sink that keeps all it gets.
///
/// `@unchecked Sendable` holds because a test uses it from one task.
final class CollectingSink: ByteSink, @unchecked Sendable {
    var onLost: (@Sendable (any Error) -> Void)?
    private(set) var bytes = ByteBuffer()
    private(set) var isFinished = false

    func write(_ bytes: ByteBuffer, hasMore: Bool) async throws { self.bytes.writeImmutableBuffer(bytes) }
    func finish() throws { self.isFinished = true }
    func stop() {}
    func close() async {}
}
