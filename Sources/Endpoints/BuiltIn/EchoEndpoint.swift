// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore

/// `echo:` sends back what it gets, message for message.
///
/// Holds one chunk: the next is taken once the last has been read.
///
/// `@unchecked Sendable` holds because all members are used on the link's event loop only.
final class EchoEndpoint: Endpoint, @unchecked Sendable {
    let name = "echo:"
    let carriesMessages = true
    var onOutputLost: (@Sendable (any Error) -> Void)?

    private enum State {
        case empty
        case holding(Chunk)
        case finished(last: Chunk?)
        case stopped
    }
    private var state = State.empty
    private var reader: UnsafeContinuation<Void, Never>?
    private var writer: UnsafeContinuation<Void, Never>?

    nonisolated(nonsending) func read() async throws -> Chunk? {
        while true {
            switch self.state {
            case .empty:
                await withUnsafeContinuation { self.reader = $0 }
            case .holding(let chunk):
                self.state = .empty
                self.wakeWriter()
                return chunk
            case .finished(let last?):
                self.state = .finished(last: nil)
                return last
            case .finished(nil):
                return nil
            case .stopped:
                throw CancellationError()
            }
        }
    }

    nonisolated(nonsending) func write(_ chunk: Chunk) async throws {
        while true {
            switch self.state {
            case .empty:
                self.state = .holding(chunk)
                self.wakeReader()
                return
            case .holding:
                await withUnsafeContinuation { self.writer = $0 }
            case .finished, .stopped:
                throw CancellationError()
            }
        }
    }

    func finish() {
        switch self.state {
        case .empty: self.state = .finished(last: nil)
        case .holding(let chunk): self.state = .finished(last: chunk)
        case .finished, .stopped: break
        }
        self.wakeReader()
    }

    func stop() {
        self.state = .stopped
        self.wakeReader()
        self.wakeWriter()
    }

    func abort(_ reason: AbortReason) { self.stop() }

    func close() async {}

    private func wakeReader() {
        let reader = self.reader
        self.reader = nil
        reader?.resume()
    }

    private func wakeWriter() {
        let writer = self.writer
        self.writer = nil
        writer?.resume()
    }
}
