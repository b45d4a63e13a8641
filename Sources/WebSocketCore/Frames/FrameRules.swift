// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What a frame may be, given who reads it and which frames came before.
struct FrameRules {
    /// Whether frames must come masked: the reader is a server. Otherwise they must not (RFC 6455 §5.1).
    var expectsMask: Bool
    /// Whether a fragmented message is open (§5.4).
    var isInsideMessage: Bool
    /// The reserved bits that extensions use on the first frame of a message (§5.2).
    var allowedReservedBits: UInt8

    /// Checks a frame's first byte.
    func check(_ opcode: Opcode, reservedBits: UInt8) throws(ProtocolViolation) {
        let startsMessage: Bool
        switch opcode {
        case .continuation:
            guard self.isInsideMessage else { throw .unexpectedContinuation }
            startsMessage = false
        case .text, .binary:
            guard !self.isInsideMessage else { throw .interruptedMessage(by: opcode) }
            startsMessage = true
        case .close, .ping, .pong:
            startsMessage = false
        }
        guard reservedBits & ~(startsMessage ? self.allowedReservedBits : 0) == 0 else {
            throw .reservedBits(reservedBits)
        }
    }

    /// Checks the mask bit.
    func check(isMasked: Bool) throws(ProtocolViolation) {
        guard isMasked == self.expectsMask else { throw isMasked ? .maskedFrame : .unmaskedFrame }
    }
}
