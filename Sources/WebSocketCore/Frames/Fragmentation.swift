// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Which opcode the next frame of an outgoing message has: the message's own first, then continuation (RFC 6455 §5.4).
public struct Fragmentation: Sendable {
    private enum State {
        /// The next frame starts a message. Next: `between`, `inside`.
        case between
        /// The next frame goes on with a message. Next: `between`, `inside`.
        case inside
    }
    private var state = State.between

    /// Before the first message.
    public init() {}

    /// A message has begun and not ended.
    public var isInsideMessage: Bool {
        switch self.state {
        case .between: false
        case .inside: true
        }
    }

    /// The opcode for the next frame.
    ///
    /// - Parameters:
    ///   - kind: The message's kind; counts only in its first frame.
    ///   - isFinal: Whether the frame ends the message.
    public mutating func opcode(for kind: MessageKind, isFinal: Bool) -> Opcode {
        let opcode: Opcode =
            switch self.state {
            case .between: kind.opcode
            case .inside: .continuation
            }
        self.state = isFinal ? .between : .inside
        return opcode
    }
}
