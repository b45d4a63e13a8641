// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore
import WebSocketCore

/// `--text`: each line of a byte stream is one text message, and each message becomes a line.
///
/// A line longer than a chunk goes out in pieces, so its length is not limited.
///
/// `@unchecked Sendable` holds because all members are used on the link's event loop only.
final class TextLines: Endpoint, @unchecked Sendable {
    private let base: any Endpoint
    private var pending = ByteBuffer()
    private var isInsideLine = false
    private var validator = UTF8Validator()

    init(_ base: any Endpoint) {
        self.base = base
    }

    var name: String { self.base.name }
    var carriesMessages: Bool { true }
    var onOutputLost: (@Sendable (any Error) -> Void)? {
        get { self.base.onOutputLost }
        set { self.base.onOutputLost = newValue }
    }

    func read() async throws -> Chunk? {
        while self.pending.readableBytes == 0 {
            guard let chunk = try await self.base.read() else { return try self.endLine() }
            self.pending = chunk.bytes
        }
        let newline = self.pending.readableBytesView.firstIndex(of: UInt8(ascii: "\n"))
        let length = newline.map { $0 - self.pending.readerIndex } ?? self.pending.readableBytes
        let line = self.pending.readSlice(length: length) ?? ByteBuffer()
        if newline != nil { self.pending.moveReaderIndex(forwardBy: 1) }
        guard line.withUnsafeReadableBytes({ self.validator.consume($0) }), newline == nil || self.validator.isComplete
        else { throw WebSocketError.textNotUTF8 }
        self.isInsideLine = newline == nil
        let piece = MessagePiece(isText: true, isFinal: newline != nil)
        return Chunk(line, message: piece, hasMore: self.pending.readableBytes > 0)
    }

    /// The last line may lack its newline.
    private func endLine() throws -> Chunk? {
        guard self.isInsideLine else { return nil }
        guard self.validator.isComplete else { throw WebSocketError.textNotUTF8 }
        self.isInsideLine = false
        return Chunk(ByteBuffer(), message: MessagePiece(isText: true, isFinal: true))
    }

    func write(_ chunk: Chunk) async throws {
        var chunk = chunk
        if chunk.message?.isFinal ?? false { chunk.bytes.writeInteger(UInt8(ascii: "\n")) }
        if chunk.bytes.readableBytes > 0 { try await self.base.write(chunk) }
    }

    func finish() throws { try self.base.finish() }
    func stop() { self.base.stop() }
    func abort(_ reason: AbortReason) { self.base.abort(reason) }
    func close() async throws { try await self.base.close() }
}
