// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What a frame is for (RFC 6455 §5.2, §11.8). The other ten values are reserved.
public enum Opcode: UInt8, Sendable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    /// Whether frames of this kind may come between the fragments of a message (§5.5).
    public var isControl: Bool { self.rawValue & 0x8 != 0 }
}
