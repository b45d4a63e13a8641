// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore

/// An endpoint without messages: a socket, the standard streams, a child process.
///
/// `@unchecked Sendable` holds because all members are used on the link's event loop only.
final class ByteStreamEndpoint: Endpoint, @unchecked Sendable {
    let name: String
    private let source: any ByteSource
    private let sink: any ByteSink
    private let outlivesItsInput: Bool
    private let onEnd: () async throws -> Void
    private let onAbort: (AbortReason) -> Void
    private let onClose: @Sendable () async -> Void

    /// - Parameters:
    ///   - outlivesItsInput: what it reads may end, or be lost, while it still has something to say: a child process.
    ///   - onEnd: throws if the end of the source is not one in order.
    ///   - onAbort: makes the peer see more than an end of file.
    ///   - onClose: waits for what lives behind the descriptors, such as a child process.
    init(
        name: String,
        source: any ByteSource,
        sink: any ByteSink,
        outlivesItsInput: Bool = false,
        onEnd: @escaping () async throws -> Void = {},
        onAbort: @escaping (AbortReason) -> Void = { _ in },
        onClose: @escaping @Sendable () async -> Void = {}
    ) {
        self.name = name
        self.source = source
        self.sink = sink
        self.outlivesItsInput = outlivesItsInput
        self.onEnd = onEnd
        self.onAbort = onAbort
        self.onClose = onClose
    }

    /// A socket: both directions in one descriptor.
    convenience init(name: String, stream: ChannelStream) {
        self.init(
            name: name,
            source: stream,
            sink: stream,
            onAbort: { reason in
                switch reason {
                case .failed: stream.reset()
                case .left: break
                case .otherSideLeft, .otherSideFailed, .goingAway, .expired: stream.resetOnceDelivered()
                }
            }
        )
    }

    /// A lost input of a child counts only when something is written to it.
    var onOutputLost: (@Sendable (any Error) -> Void)? {
        get { self.sink.onLost }
        set { if !self.outlivesItsInput { self.sink.onLost = newValue } }
    }

    nonisolated(nonsending) func read() async throws -> Chunk? {
        guard let bytes = try await self.source.read() else {
            try await self.onEnd()
            return nil
        }
        return Chunk(bytes, hasMore: self.source.hasMore)
    }

    nonisolated(nonsending) func write(_ chunk: Chunk) async throws {
        try await self.sink.write(chunk.bytes, hasMore: chunk.hasMore)
    }

    func finish() throws {
        try self.sink.finish()
    }

    func stop() {
        self.source.stop()
        self.sink.stop()
    }

    func abort(_ reason: AbortReason) {
        self.onAbort(reason)
        // What a child still says after it has closed its input is read to the end.
        if reason == .failed, self.outlivesItsInput { return }
        self.stop()
    }

    func close() async {
        await self.source.close()
        if self.sink !== self.source { await self.sink.close() }
        await self.onClose()
    }
}
