// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import RelayCore

/// Standard input and output as one end of a link; failures say which of the two it was.
///
/// `@unchecked Sendable` holds because all members are used on the link's event loop only.
final class StandardStreamsEndpoint: Endpoint, @unchecked Sendable {
    let name = "stdio"
    private let source: any ByteSource
    private let sink: any ByteSink

    init(source: any ByteSource, sink: any ByteSink) {
        self.source = source
        self.sink = sink
    }

    var onOutputLost: (@Sendable (any Error) -> Void)? {
        didSet {
            guard let report = self.onOutputLost else { return }
            self.sink.onLost = { error in report(Self.named("stdout", error)) }
        }
    }

    nonisolated(nonsending) func read() async throws -> Chunk? {
        do {
            guard let bytes = try await self.source.read() else { return nil }
            return Chunk(bytes, hasMore: self.source.hasMore)
        } catch {
            throw Self.named("stdin", error)
        }
    }

    nonisolated(nonsending) func write(_ chunk: Chunk) async throws {
        do {
            try await self.sink.write(chunk.bytes, hasMore: chunk.hasMore)
        } catch {
            throw Self.named("stdout", error)
        }
    }

    func finish() throws {
        do {
            try self.sink.finish()
        } catch {
            throw Self.named("stdout", error)
        }
    }

    func stop() {
        self.source.stop()
        self.sink.stop()
    }

    func abort(_ reason: AbortReason) {
        switch reason {
        case .left: self.sink.stop()
        case .failed, .otherSideLeft, .otherSideFailed, .goingAway, .expired: self.stop()
        }
    }

    func close() async {
        await self.source.close()
        await self.sink.close()
    }

    var departure: (any Error)? { Self.hasLeft ? StreamError.hungUp : nil }

    private static func named(_ name: String, _ error: any Error) -> any Error {
        switch error {
        case is CancellationError: error
        default: StreamError.standardStream(name, StreamError(error))
        }
    }

    /// Who reads stdout has closed its end of stdin too, or does so right now: ssh has ended, say.
    private static var hasLeft: Bool {
        var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        guard poll(&output, 1, 0) > 0, output.revents & Int16(POLLERR | POLLHUP) != 0 else { return false }
        var input = pollfd(fd: STDIN_FILENO, events: 0, revents: 0)
        return poll(&input, 1, Self.hangUpDelay) > 0 && input.revents & Int16(POLLHUP) != 0
    }

    /// Milliseconds between the two closes of a process that ends.
    private static let hangUpDelay: CInt = 20
}
