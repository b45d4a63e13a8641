// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What a ``FrameReader`` found.
public enum ReadEvent: Sendable {
    /// Bytes of a message.
    case part(MessagePart)
    /// A Ping: answer with a Pong of the same payload (RFC 6455 §5.5.2).
    case ping(ControlPayload)
    /// A Pong, asked for or not (§5.5.3).
    case pong(ControlPayload)
    /// A Close, with its reason if it gave one (§5.5.1). Nothing comes after it.
    case close(CloseReason?)
}
