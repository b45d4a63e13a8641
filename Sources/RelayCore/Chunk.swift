// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// What a pump carries in one go: bytes, and what the source knows about them.
public struct Chunk: Sendable {
    /// The bytes; may be empty only where `message` marks the boundary of an empty message.
    ///
    /// They are whose chunk it is: no other chunk has the same ones, and a sink may change them where they are.
    public var bytes: ByteBuffer
    /// The piece of a message these bytes are, or `nil` for bytes of a stream.
    public var message: MessagePiece?
    /// The next `read()` of the source returns at once, so the sink may wait with its system call (as `MSG_MORE`).
    public var hasMore: Bool

    /// These bytes; by default of a stream.
    public init(_ bytes: ByteBuffer, message: MessagePiece? = nil, hasMore: Bool = false) {
        self.bytes = bytes
        self.message = message
        self.hasMore = hasMore
    }
}
