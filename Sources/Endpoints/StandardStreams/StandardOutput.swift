// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// Standard output over a channel on a descriptor of our own: ends the inherited one together with it.
///
/// `@unchecked Sendable` holds because all members are used on the link's event loop only.
final class StandardOutput: ByteSink, @unchecked Sendable {
    private let stream: ChannelStream
    private let isSocket: Bool

    init(_ stream: ChannelStream, isSocket: Bool) {
        self.stream = stream
        self.isSocket = isSocket
    }

    var onLost: (@Sendable (any Error) -> Void)? {
        get { self.stream.onLost }
        set { self.stream.onLost = newValue }
    }

    nonisolated(nonsending) func write(_ bytes: ByteBuffer, hasMore: Bool) async throws {
        try await self.stream.write(bytes, hasMore: hasMore)
    }

    func finish() throws {
        // A socket may have more descriptors than ours, so closing would not end it.
        if self.isSocket { _ = shutdown(STDOUT_FILENO, Int32(SHUT_WR)) }
        _ = InheritedDescriptors.release(STDOUT_FILENO)
        self.stream.finish()
    }

    func stop() {
        self.stream.stop()
    }

    func close() async {
        await self.stream.close()
    }
}
