// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore

/// An endpoint whose peer is a test.
///
/// `@unchecked Sendable` holds because all members are used on the link's executor only, the test's included.
final class ScriptedEndpoint: Endpoint, @unchecked Sendable {
    enum Event: Equatable {
        case finish
        case abort(AbortReason)
        case close
    }

    struct Failure: Error, Equatable {
        var reason: String
    }

    let name: String
    let closing: Closing
    var onOutputLost: (@Sendable (any Error) -> Void)?
    var departure: (any Error)?

    /// What was written, chunk by chunk.
    private(set) var written: [Chunk] = []
    /// What the link asked for besides.
    private(set) var events: [Event] = []
    /// Writes wait until this is false.
    var isFull = false {
        didSet { if !self.isFull { self.wakeWriter() } }
    }
    /// What writes throw.
    var writeFailure: Failure? {
        didSet { self.wakeWriter() }
    }
    /// What finishing throws.
    var finishFailure: Failure?

    private var incoming: [Result<Chunk?, any Error>] = []
    private var isStopped = false
    private var reader: CheckedContinuation<Void, Never>?
    private var writer: CheckedContinuation<Void, Never>?

    init(_ name: String, closing: Closing = .independent) {
        self.name = name
        self.closing = closing
    }

    /// How many chunks and ends of the peer the link has not asked for.
    var unread: Int { self.incoming.count }

    var writtenText: String { self.written.map { String(buffer: $0.bytes) }.joined() }

    // MARK: The peer's part

    func say(_ text: String, message: MessagePiece? = nil, hasMore: Bool = false) {
        self.add(.success(Chunk(ByteBuffer(string: text), message: message, hasMore: hasMore)))
    }

    func end() { self.add(.success(nil)) }

    func fail(_ reason: String) { self.add(.failure(Failure(reason: reason))) }

    private func add(_ result: Result<Chunk?, any Error>) {
        self.incoming.append(result)
        self.wakeReader()
    }

    // MARK: The link's part

    func read() async throws -> Chunk? {
        while true {
            if !self.incoming.isEmpty { return try self.incoming.removeFirst().get() }
            if self.isStopped { throw CancellationError() }
            await withCheckedContinuation { self.reader = $0 }
        }
    }

    func write(_ chunk: Chunk) async throws {
        while self.isFull, !self.isStopped, self.writeFailure == nil {
            await withCheckedContinuation { self.writer = $0 }
        }
        if let failure = self.writeFailure { throw failure }
        if self.isStopped { throw CancellationError() }
        self.written.append(chunk)
    }

    func finish() throws {
        self.events.append(.finish)
        if let failure = self.finishFailure { throw failure }
    }

    func stop() {
        self.isStopped = true
        self.wakeReader()
        self.wakeWriter()
    }

    func abort(_ reason: AbortReason) { self.events.append(.abort(reason)) }

    func close() async { self.events.append(.close) }

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
