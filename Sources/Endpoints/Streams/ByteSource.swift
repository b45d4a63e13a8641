// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Where bytes come from: a channel, or a file.
protocol ByteSource: AnyObject, Sendable {
    /// The next `read()` returns at once.
    var hasMore: Bool { get }
    /// Waits for bytes; `nil` at the end.
    nonisolated(nonsending) func read() async throws -> ByteBuffer?
    /// A waiting and every later `read()` throws `CancellationError`.
    func stop()
    /// Releases the descriptor.
    func close() async
}
