// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import WebSocketCore

/// Parts of messages of which some are compressed: they wait here as they came, and are inflated as the pump asks, a
/// chunk at a time. So what a peer sends takes the memory that it took on its way, whatever it inflates to.
struct CompressedParts {
    private let decompressor: MessageDecompressor
    private var waiting = CircularBuffer<MessagePart>(initialCapacity: 1)
    /// What is left of the first of them, unmasked; `nil` before it is begun.
    private var rest: ByteBuffer?
    /// Of a compressed message, a part was given out.
    private var isInsideMessage = false
    private var utf8 = UTF8Validator()

    /// What is inflated in one go.
    static let chunkSize = 64 << 10

    init(_ direction: DeflateAgreement.Direction) {
        self.decompressor = MessageDecompressor(direction)
    }

    /// How many parts wait.
    var count: Int { self.waiting.count }

    mutating func append(_ part: MessagePart) {
        self.waiting.append(part)
    }

    /// After an error: what waits can't be read any more.
    mutating func removeAll() {
        self.waiting.removeAll()
        self.rest = nil
    }

    /// The next part in clear; `nil` when more must come first.
    mutating func next() throws(WebSocketError) -> MessagePart? {
        while let part = self.waiting.first {
            guard part.reservedBits != 0 else { return self.waiting.removeFirst() }
            if let inflated = try self.inflate(part) { return inflated }
        }
        return nil
    }

    /// The next that the first part gives; `nil` when it gives nothing more, and is done.
    private mutating func inflate(_ part: MessagePart) throws(WebSocketError) -> MessagePart? {
        var rest = self.rest ?? part.payload.cleared()
        let piece = try self.piece(of: part, &rest)
        if let piece, !piece.isMessageEnd {
            self.rest = rest
        } else {
            self.rest = nil
            self.waiting.removeFirst()
        }
        guard let piece else {
            // Without any payload, as some send an empty message, it ends without inflating.
            return part.isFinal ? try self.clear(ByteBuffer(), of: part, isFinal: true) : nil
        }
        return try self.clear(piece.bytes, of: part, isFinal: piece.isMessageEnd)
    }

    private func piece(
        of part: MessagePart,
        _ rest: inout ByteBuffer
    ) throws(WebSocketError) -> (bytes: ByteBuffer, isMessageEnd: Bool)? {
        do throws(MessageDecompressor.Failure) {
            return try self.decompressor.next(from: &rest, isMessageEnd: part.isFinal, limit: Self.chunkSize)
        } catch {
            switch error {
            case .notDeflate: throw .violation(.invalidCompression)
            case .noMemory: throw .noMemory
            }
        }
    }

    /// A part as it was before it was compressed. Text is checked here, as the reader could not.
    private mutating func clear(
        _ bytes: ByteBuffer,
        of part: MessagePart,
        isFinal: Bool
    ) throws(WebSocketError) -> MessagePart {
        switch part.kind {
        case .text:
            guard bytes.withUnsafeReadableBytes({ self.utf8.consume($0) }) else { throw .violation(.invalidText) }
            guard !isFinal || self.utf8.isComplete else { throw .violation(.incompleteText) }
        case .binary:
            break
        }
        defer { self.isInsideMessage = !isFinal }
        return MessagePart(
            kind: part.kind,
            isFirst: !self.isInsideMessage,
            isFinal: isFinal,
            payload: MaskedPayload(bytes: bytes, maskKey: nil)
        )
    }
}
