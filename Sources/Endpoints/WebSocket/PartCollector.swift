// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore
import WebSocketCore

/// Turns the parts of messages that one read brought into chunks for the pump.
///
/// Towards a byte stream, small parts are joined in one buffer, which is reused once the pump has let go of it; large
/// parts are unmasked and handed on where they are. Towards messages, each part stays a chunk of its own.
struct PartCollector {
    private let keepsMessages: Bool
    private var chunks = CircularBuffer<Chunk>(initialCapacity: 1)
    private var joined = ByteBuffer()

    /// Parts from this size on are not worth a copy.
    private static let copyLimit = 4096
    private static let keptCapacity = 8 << 10

    init(keepsMessages: Bool) {
        self.keepsMessages = keepsMessages
    }

    /// How many chunks wait.
    var count: Int { self.chunks.count }

    mutating func add(_ part: MessagePart) {
        if self.keepsMessages {
            let piece = MessagePiece(isText: part.kind == .text, isFinal: part.isFinal)
            self.chunks.append(Chunk(part.payload.cleared(), message: piece))
        } else if part.payload.bytes.readableBytes >= Self.copyLimit {
            self.finishBatch()
            self.chunks.append(Chunk(part.payload.cleared()))
        } else if part.payload.bytes.readableBytes > 0 {
            part.payload.write(to: &self.joined)
        }
    }

    /// The read is taken apart; what was joined becomes a chunk.
    mutating func finishBatch() {
        guard self.joined.readableBytes > 0 else { return }
        self.chunks.append(Chunk(self.joined))
        self.joined.moveReaderIndex(to: self.joined.writerIndex)
    }

    mutating func next() -> Chunk? {
        guard var chunk = self.chunks.popFirst() else {
            // Nothing is out any more, so the buffer is ours again, unless a sink still holds it. A link that comes to
            // rest keeps little.
            if self.joined.capacity > Self.keptCapacity { self.joined = ByteBuffer() } else { self.joined.clear() }
            return nil
        }
        chunk.hasMore = !self.chunks.isEmpty
        return chunk
    }
}
