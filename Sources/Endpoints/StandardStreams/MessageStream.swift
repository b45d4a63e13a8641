// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore
import WebSocketCore

/// A byte stream in which messages stand one behind the other, such as lines of text.
///
/// A message longer than a chunk goes out in pieces, so its length is not limited.
///
/// `@unchecked Sendable` holds because all members are used on the link's event loop only.
final class MessageStream: Endpoint, @unchecked Sendable {
    private let base: any Endpoint
    private let format: MessageFormat
    /// Read, and not yet given out.
    private var pending = ByteBuffer()
    private var isInsideMessage = false
    private var validator = UTF8Validator()
    private var decoder = Base64Decoder()
    private var encoder = Base64Encoder()
    /// The one message that was wanted has come.
    private var isSatisfied = false
    private var hasEnded = false

    /// How much of a single message is collected before a piece of it goes out, so that a short one has one frame.
    private static let pieceSize = 64 << 10

    init(_ base: any Endpoint, _ format: MessageFormat) {
        self.base = base
        self.format = format
    }

    var name: String { self.base.name }
    var carriesMessages: Bool { true }
    var onOutputLost: (@Sendable (any Error) -> Void)? {
        get { self.base.onOutputLost }
        set { self.base.onOutputLost = newValue }
    }

    // MARK: Reading

    nonisolated(nonsending) func read() async throws -> Chunk? {
        if let separator = self.format.separator { return try await self.readPiece(until: separator) }
        return try await self.readPieceOfAll()
    }

    private func readPiece(until separator: UInt8) async throws -> Chunk? {
        while self.pending.readableBytes == 0 {
            guard let chunk = try await self.base.read() else { return try self.endMessage() }
            self.pending = chunk.bytes
        }
        let end = self.pending.readableBytesView.firstIndex(of: separator)
        let length = end.map { $0 - self.pending.readerIndex } ?? self.pending.readableBytes
        let bytes = self.pending.readSlice(length: length) ?? ByteBuffer()
        if end != nil { self.pending.moveReaderIndex(forwardBy: 1) }
        return try self.piece(bytes, isFinal: end != nil, hasMore: self.pending.readableBytes > 0)
    }

    /// All that comes is one message; without a byte, there is none.
    private func readPieceOfAll() async throws -> Chunk? {
        while !self.hasEnded, self.pending.readableBytes < Self.pieceSize {
            guard let chunk = try await self.readUnlessSatisfied() else {
                self.hasEnded = true
                guard self.isInsideMessage || self.pending.readableBytes > 0 else { return nil }
                return try self.piece(self.takePending(), isFinal: true, hasMore: false)
            }
            self.pending.writeImmutableBuffer(chunk.bytes)
        }
        return self.hasEnded ? nil : try self.piece(self.takePending(), isFinal: false, hasMore: false)
    }

    private func readUnlessSatisfied() async throws -> Chunk? {
        do {
            return try await self.base.read()
        } catch  where self.isSatisfied {
            return nil
        }
    }

    private func takePending() -> ByteBuffer {
        defer { self.pending = ByteBuffer() }
        return self.pending
    }

    /// The last message may lack its separator.
    private func endMessage() throws -> Chunk? {
        self.isInsideMessage ? try self.piece(ByteBuffer(), isFinal: true, hasMore: false) : nil
    }

    private func piece(_ bytes: ByteBuffer, isFinal: Bool, hasMore: Bool) throws -> Chunk {
        self.isInsideMessage = !isFinal
        var bytes = bytes
        if self.format.isBase64 {
            guard let decoded = self.decoder.decode(bytes, isFinal: isFinal) else { throw WebSocketError.notBase64 }
            bytes = decoded
        }
        if self.format.isText {
            guard bytes.withUnsafeReadableBytes({ self.validator.consume($0) }),
                !isFinal || self.validator.isComplete
            else { throw WebSocketError.textNotUTF8 }
        }
        return Chunk(bytes, message: MessagePiece(isText: self.format.isText, isFinal: isFinal), hasMore: hasMore)
    }

    // MARK: Writing

    nonisolated(nonsending) func write(_ chunk: Chunk) async throws {
        var chunk = chunk
        let isFinal = chunk.message?.isFinal ?? false
        if self.format.isBase64 { chunk.bytes = self.encoder.encode(chunk.bytes, isFinal: isFinal) }
        if isFinal, let terminator = self.format.terminator { chunk.bytes.writeInteger(terminator) }
        if chunk.bytes.readableBytes > 0 { try await self.base.write(chunk) }
        if isFinal, self.format.isOneMessage {
            self.isSatisfied = true
            // A read that waits for the rest of the input ends.
            self.base.stop()
        }
    }

    var departure: (any Error)? { self.base.departure }
    func finish() throws { try self.base.finish() }
    func stop() { self.base.stop() }
    func abort(_ reason: AbortReason) { self.base.abort(reason) }
    func close() async throws { try await self.base.close() }
}
