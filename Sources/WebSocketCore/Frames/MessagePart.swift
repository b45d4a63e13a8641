// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A piece of a message, handed on as it arrived: frames may be longer than memory.
public struct MessagePart: Sendable {
    /// What the message holds.
    public let kind: MessageKind
    /// These are the first bytes of the message.
    public let isFirst: Bool
    /// These are the last bytes of the message.
    public let isFinal: Bool
    /// The reserved bits of the message's first frame; not 0 only if the reader allows some (RFC 6455 §5.2).
    public let reservedBits: UInt8
    /// The bytes; may be empty, but only in a message's first or last part.
    public let payload: MaskedPayload

    /// A part of these fields.
    public init(kind: MessageKind, isFirst: Bool, isFinal: Bool, reservedBits: UInt8 = 0, payload: MaskedPayload) {
        self.kind = kind
        self.isFirst = isFirst
        self.isFinal = isFinal
        self.reservedBits = reservedBits
        self.payload = payload
    }

    /// Whether the message is one binary frame without payload, which means "end of this direction" once
    /// `strait-half-close` is agreed. A message of several empty fragments is not one: the first of them is not final.
    public var isWholeEmptyBinary: Bool {
        switch self.kind {
        case .text: false
        case .binary: self.isFirst && self.isFinal && self.reservedBits == 0 && self.payload.bytes.readableBytes == 0
        }
    }
}
