// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Reads what the peer sends: takes frames apart, checks them, and joins fragments to messages (RFC 6455 §5).
///
/// Payload of messages is handed on as it arrives, so a frame of any length costs no memory. Of a frame that is cut, only
/// the header (14 bytes) or a control frame's payload (125 bytes) is kept.
public struct FrameReader: Sendable {
    private enum State {
        /// Between two frames, or inside a header of which `partial` has arrived. Next: `payload`, `control`, `failed`.
        case header(partial: ByteBuffer, of: Message?)
        /// Inside a data frame. Next: `header`, `failed`.
        case payload(Frame, of: Message)
        /// Inside a control frame, between the frames of a message if there is one. Next: `header`, `closed`, `failed`.
        case control(FrameHeader, collected: ByteBuffer, inside: Message?)
        /// A Close came. Final.
        case closed
        /// The peer broke the protocol. Final.
        case failed(ProtocolViolation)
    }

    /// What is still to come of a data frame.
    private struct Frame {
        var isFinal: Bool
        var remaining: Int
        var maskKey: MaskKey?
    }

    /// What has been seen of a message that has not ended.
    private struct Message {
        let kind: MessageKind
        let reservedBits: UInt8
        /// No part was handed out yet.
        var isFirst = true
        var utf8 = UTF8Validator()
    }

    /// How many headers have been read.
    public private(set) var frameCount: UInt64 = 0
    private var state = State.header(partial: ByteBuffer(), of: nil)
    private let role: Role
    private let allowedReservedBits: UInt8

    /// A reader at the start of a connection.
    ///
    /// - Parameters:
    ///   - role: The role of the side that reads. A server takes masked frames only, a client unmasked ones (§5.1).
    ///   - allowedReservedBits: The reserved bits that extensions use on the first frame of a message: RSV1 is
    ///     ``FrameHeader/firstReservedBit``. The text
    ///     of messages that have such bits is not checked, since it is not yet what the sender wrote.
    public init(role: Role, allowedReservedBits: UInt8 = 0) {
        self.role = role
        self.allowedReservedBits = allowedReservedBits
    }

    /// Takes the next event off the front of `input`.
    ///
    /// Call it until it returns `nil`; by then it has taken every byte of `input`, which may be reused or dropped.
    ///
    /// Text is checked as it arrives, so masked text is unmasked into a fresh buffer here; other payload stays where it is
    /// and as it is. After a Close, bytes are taken and ignored (§5.5.1).
    ///
    /// - Returns: The event, or `nil` when more bytes are needed.
    /// - Throws: The rule that the peer broke, with the first byte that shows it, and again on each later call.
    public mutating func next(from input: inout ByteBuffer) throws(ProtocolViolation) -> ReadEvent? {
        do throws(ProtocolViolation) {
            while true {
                switch self.state {
                case .header(let partial, let message):
                    guard let header = try self.header(continuing: partial, of: message, from: &input) else {
                        return nil
                    }
                    self.frameCount &+= 1
                    self.state = try Self.state(after: header, inside: message)
                case .payload(let frame, let message):
                    guard frame.remaining == 0 || input.readableBytes > 0 else { return nil }
                    if let part = try self.part(of: frame, in: message, from: &input) { return .part(part) }
                case .control(let header, let collected, let message):
                    return try self.control(header, continuing: collected, inside: message, from: &input)
                case .closed:
                    input.moveReaderIndex(to: input.writerIndex)
                    return nil
                case .failed(let violation):
                    throw violation
                }
            }
        } catch {
            self.state = .failed(error)
            throw error
        }
    }

    /// Takes a header, or keeps what there is of it.
    private mutating func header(
        continuing partial: ByteBuffer,
        of message: Message?,
        from input: inout ByteBuffer
    ) throws(ProtocolViolation) -> FrameHeader? {
        let rules = FrameRules(
            expectsMask: self.role == .server,
            isInsideMessage: message != nil,
            allowedReservedBits: self.allowedReservedBits
        )
        if partial.readableBytes == 0 {
            if let header = try FrameHeader.removed(from: &input, obeying: rules) { return header }
            guard input.readableBytes > 0 else { return nil }
            var rest = ByteBuffer()
            rest.writeBuffer(&input)
            self.state = .header(partial: rest, of: message)
            return nil
        }
        var joined = partial
        let missing = min(FrameHeader.maximumEncodedLength - partial.readableBytes, input.readableBytes)
        joined.writeImmutableBuffer(input.getSlice(at: input.readerIndex, length: missing) ?? ByteBuffer())
        if let header = try FrameHeader.removed(from: &joined, obeying: rules) {
            // What is left of `joined` belongs to the payload.
            input.moveReaderIndex(forwardBy: missing - joined.readableBytes)
            return header
        }
        input.moveReaderIndex(forwardBy: missing)
        self.state = .header(partial: joined, of: message)
        return nil
    }

    /// The state in which the payload after `header` is read.
    private static func state(after header: FrameHeader, inside message: Message?) throws(ProtocolViolation) -> State {
        let frame = Frame(isFinal: header.isFinal, remaining: header.payloadLength, maskKey: header.maskKey)
        switch header.opcode {
        case .continuation:
            guard let message else { throw .unexpectedContinuation }
            return .payload(frame, of: message)
        case .text:
            return .payload(frame, of: Message(kind: .text, reservedBits: header.reservedBits))
        case .binary:
            return .payload(frame, of: Message(kind: .binary, reservedBits: header.reservedBits))
        case .close:
            guard header.payloadLength != 1 else { throw .shortClosePayload }
            return .control(header, collected: ByteBuffer(), inside: message)
        case .ping, .pong:
            return .control(header, collected: ByteBuffer(), inside: message)
        }
    }

    /// Takes what there is of a data frame. Empty fragments give a part only if they start or end their message.
    private mutating func part(
        of frame: Frame,
        in message: Message,
        from input: inout ByteBuffer
    ) throws(ProtocolViolation) -> MessagePart? {
        let length = min(frame.remaining, input.readableBytes)
        let bytes = input.readSlice(length: length) ?? ByteBuffer()
        let isFrameEnd = frame.remaining == length
        let isMessageEnd = isFrameEnd && frame.isFinal
        var message = message
        let (payload, violation) = Self.checked(
            MaskedPayload(bytes: bytes, maskKey: frame.maskKey),
            isMessageEnd: isMessageEnd,
            in: &message
        )
        let part = MessagePart(
            kind: message.kind,
            isFirst: message.isFirst,
            isFinal: isMessageEnd && violation == nil,
            reservedBits: message.reservedBits,
            payload: payload
        )
        message.isFirst = false
        if let violation {
            // What came before it is good, in however many reads it came.
            self.state = .failed(violation)
            guard payload.bytes.readableBytes > 0 else { throw violation }
            return part
        }
        if isFrameEnd {
            self.state = .header(partial: ByteBuffer(), of: isMessageEnd ? nil : message)
        } else {
            let rest = Frame(
                isFinal: frame.isFinal,
                remaining: frame.remaining - length,
                maskKey: frame.maskKey?.rotated(by: length)
            )
            self.state = .payload(rest, of: message)
        }
        return length > 0 || part.isFirst || part.isFinal ? part : nil
    }

    /// Checks payload of a text message, and clears it for that. Leaves other payload alone.
    ///
    /// - Returns: The payload up to what breaks a rule, and that rule.
    private static func checked(
        _ payload: MaskedPayload,
        isMessageEnd: Bool,
        in message: inout Message
    ) -> (MaskedPayload, ProtocolViolation?) {
        switch message.kind {
        case .text where message.reservedBits == 0:
            let clear = payload.clear()
            let length = clear.withUnsafeReadableBytes { message.utf8.validLength(of: $0) }
            let valid = clear.getSlice(at: clear.readerIndex, length: length) ?? ByteBuffer()
            if length < clear.readableBytes { return (MaskedPayload(bytes: valid, maskKey: nil), .invalidText) }
            let isCut = isMessageEnd && !message.utf8.isComplete
            return (MaskedPayload(bytes: valid, maskKey: nil), isCut ? .incompleteText : nil)
        case .text, .binary:
            return (payload, nil)
        }
    }

    /// Takes a control frame's payload, or keeps what there is of it.
    private mutating func control(
        _ header: FrameHeader,
        continuing collected: ByteBuffer,
        inside message: Message?,
        from input: inout ByteBuffer
    ) throws(ProtocolViolation) -> ReadEvent? {
        var collected = collected
        let length = min(header.payloadLength - collected.readableBytes, input.readableBytes)
        collected.writeImmutableBuffer(input.readSlice(length: length) ?? ByteBuffer())
        guard collected.readableBytes == header.payloadLength else {
            self.state = .control(header, collected: collected, inside: message)
            return nil
        }
        if let key = header.maskKey { collected.mask(with: key) }
        switch header.opcode {
        case .close:
            let reason = try CloseReason.decoded(collected)
            self.state = .closed
            return .close(reason)
        case .ping, .pong, .continuation, .text, .binary:
            guard let payload = ControlPayload(collected) else { throw .longControlFrame(header.opcode) }
            self.state = .header(partial: ByteBuffer(), of: message)
            return header.opcode == .ping ? .ping(payload) : .pong(payload)
        }
    }
}
