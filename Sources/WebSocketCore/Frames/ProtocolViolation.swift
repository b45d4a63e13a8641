// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How a peer broke RFC 6455. Send ``closeCode``, then close (§7.1.7).
public enum ProtocolViolation: Error, Equatable, Sendable {
    /// An opcode that the RFC reserves.
    case unknownOpcode(UInt8)
    /// Reserved bits that no extension gave a meaning, here.
    case reservedBits(UInt8)
    /// A masked frame, from a server.
    case maskedFrame
    /// A frame that is not masked, from a client.
    case unmaskedFrame
    /// A length that a shorter form could hold.
    case lengthNotShortest(UInt64)
    /// A length with the top bit set.
    case lengthOver63Bits
    /// A control frame without FIN.
    case fragmentedControlFrame(Opcode)
    /// A control frame over 125 bytes.
    case longControlFrame(Opcode)
    /// A continuation frame outside a message.
    case unexpectedContinuation
    /// A new message before the last frame of the one before.
    case interruptedMessage(by: Opcode)
    /// A text message with a byte that UTF-8 cannot have there.
    case invalidText
    /// A text message that ends inside a character.
    case incompleteText
    /// A compressed message that is no deflate, or that ends inside of one of its blocks.
    case invalidCompression
    /// A Close frame of one byte.
    case shortClosePayload
    /// A Close frame with a code that must not be sent.
    case invalidCloseCode(CloseCode)
    /// A Close frame whose text is not UTF-8.
    case invalidCloseReason

    /// The code to close with (§7.4.1).
    public var closeCode: CloseCode {
        switch self {
        case .unknownOpcode, .reservedBits, .maskedFrame, .unmaskedFrame, .lengthNotShortest, .lengthOver63Bits,
            .fragmentedControlFrame, .longControlFrame, .unexpectedContinuation, .interruptedMessage,
            .shortClosePayload, .invalidCloseCode:
            .protocolError
        // RFC 7692 §7.2.2 leaves the code open; 1007 is for data that is not what its message says that it is.
        case .invalidText, .incompleteText, .invalidCompression, .invalidCloseReason:
            .invalidPayload
        }
    }
}

extension ProtocolViolation: CustomStringConvertible {
    /// What the peer did and the rule that forbids it, to be put after the name of the peer.
    public var description: String {
        switch self {
        case .unknownOpcode(let opcode):
            "sent a frame with the reserved opcode \(opcode) (RFC 6455 §5.2)"
        case .reservedBits(let bits):
            "set reserved bits that no extension was agreed for: \(Self.names(ofReservedBits: bits)) (RFC 6455 §5.2)"
        case .maskedFrame:
            "sent a masked frame (RFC 6455 §5.1)"
        case .unmaskedFrame:
            "sent an unmasked frame (RFC 6455 §5.1)"
        case .lengthNotShortest(let length):
            "sent the frame length \(length) not in its shortest form (RFC 6455 §5.2)"
        case .lengthOver63Bits:
            "sent a frame length of more than 63 bits (RFC 6455 §5.2)"
        case .fragmentedControlFrame(let opcode):
            "sent a fragmented \(opcode) frame (RFC 6455 §5.5)"
        case .longControlFrame(let opcode):
            "sent a \(opcode) frame of more than 125 bytes (RFC 6455 §5.5)"
        case .unexpectedContinuation:
            "sent a continuation frame outside a message (RFC 6455 §5.4)"
        case .interruptedMessage(let opcode):
            "sent a \(opcode) frame inside a fragmented message (RFC 6455 §5.4)"
        case .invalidText:
            "sent a text message that is not UTF-8 (RFC 6455 §8.1)"
        case .incompleteText:
            "sent a text message that ends inside a UTF-8 character (RFC 6455 §8.1)"
        case .invalidCompression:
            "sent a compressed message that can't be inflated (RFC 7692 §7.2.2)"
        case .shortClosePayload:
            "sent a close frame of one byte (RFC 6455 §5.5.1)"
        case .invalidCloseCode(let code):
            "sent a close frame with the code \(code), which must not be sent (RFC 6455 §7.4)"
        case .invalidCloseReason:
            "sent a close frame whose reason is not UTF-8 (RFC 6455 §5.5.1)"
        }
    }

    private static func names(ofReservedBits bits: UInt8) -> String {
        let names: [(bit: UInt8, name: String)] = [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")]
        return names.filter { bits & $0.bit != 0 }.map(\.name).joined(separator: ", ")
    }
}
