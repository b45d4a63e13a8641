// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Where bytes go to: a channel, or a file.
protocol ByteSink: AnyObject, Sendable {
    /// Called once when nothing can be written any more although nobody is writing.
    var onLost: (@Sendable (any Error) -> Void)? { get set }
    /// Waits until the kernel has all bytes; with `hasMore`, they may wait for the next call.
    nonisolated(nonsending) func write(_ bytes: ByteBuffer, hasMore: Bool) async throws
    /// Tells the reader that nothing more comes.
    func finish() throws
    /// A waiting and every later `write()` throws `CancellationError`.
    func stop()
    /// Releases the descriptor.
    func close() async
}
