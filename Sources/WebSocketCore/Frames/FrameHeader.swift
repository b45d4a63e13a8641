// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What stands before a frame's payload (RFC 6455 §5.2).
public struct FrameHeader: Equatable, Sendable {
    /// What the frame is for.
    public var opcode: Opcode
    /// FIN: the frame is the last of its message.
    public var isFinal: Bool
    /// RSV1, RSV2 and RSV3 as a number of three bits: 4, 2 and 1.
    public var reservedBits: UInt8
    /// The payload's length in bytes.
    public var payloadLength: Int
    /// The key that the payload is masked with, or `nil` for payload in clear.
    public var maskKey: MaskKey?

    /// A header of these fields.
    public init(
        opcode: Opcode,
        isFinal: Bool = true,
        reservedBits: UInt8 = 0,
        payloadLength: Int,
        maskKey: MaskKey? = nil
    ) {
        self.opcode = opcode
        self.isFinal = isFinal
        self.reservedBits = reservedBits
        self.payloadLength = payloadLength
        self.maskKey = maskKey
    }

    /// The bytes that the header takes on the wire: 2 to 14.
    public var encodedLength: Int {
        let lengthField =
            switch self.payloadLength {
            case ...Self.maximumShortLength: 0
            case ...Self.maximumMediumLength: 2
            default: 8
            }
        return 2 + lengthField + (self.maskKey == nil ? 0 : 4)
    }

    /// Appends the header to `buffer`, its length in the shortest form.
    public func write(to buffer: inout ByteBuffer) {
        let first = (self.isFinal ? 0x80 : 0) | (self.reservedBits & 0x7) << 4 | self.opcode.rawValue
        let maskBit: UInt8 = self.maskKey == nil ? 0 : 0x80
        switch self.payloadLength {
        case ...Self.maximumShortLength:
            buffer.writeMultipleIntegers(first, maskBit | UInt8(clamping: self.payloadLength))
        case ...Self.maximumMediumLength:
            buffer.writeMultipleIntegers(first, maskBit | 126, UInt16(clamping: self.payloadLength))
        default:
            buffer.writeMultipleIntegers(first, maskBit | 127, UInt64(clamping: self.payloadLength))
        }
        if let key = self.maskKey {
            buffer.writeInteger(key.littleEndian, endianness: .little)
        }
    }

    /// Removes one header from the front of `input`.
    ///
    /// Takes 2 to 14 bytes, or none while the header is incomplete. The payload stays in place. Each field is checked as
    /// soon as it is there. After an error, fail the connection (RFC 6455 §7.1.7): parsing cannot resume.
    ///
    /// - Returns: The header, or `nil` when more bytes are needed.
    /// - Throws: What the bytes break of §5.2 (opcodes, lengths) and §5.5 (control frames). Rules that depend on the role
    ///   and on the frames before are ``FrameReader``'s.
    public static func removed(from input: inout ByteBuffer) throws(ProtocolViolation) -> FrameHeader? {
        try Self.removed(from: &input, obeying: nil)
    }

    /// Removes one header from the front of `input`, and also checks it against `rules`.
    static func removed(
        from input: inout ByteBuffer,
        obeying rules: FrameRules?
    ) throws(ProtocolViolation) -> FrameHeader? {
        let start = input.readerIndex
        guard let first = input.getInteger(at: start, as: UInt8.self) else { return nil }
        guard let opcode = Opcode(rawValue: first & 0xF) else { throw .unknownOpcode(first & 0xF) }
        let isFinal = first & 0x80 != 0
        let reservedBits = first >> 4 & 0x7
        if opcode.isControl, !isFinal { throw .fragmentedControlFrame(opcode) }
        try rules?.check(opcode, reservedBits: reservedBits)

        guard let second = input.getInteger(at: start + 1, as: UInt8.self) else { return nil }
        let isMasked = second & 0x80 != 0
        try rules?.check(isMasked: isMasked)
        let shortLength = Int(second & 0x7F)
        if opcode.isControl, shortLength > Self.maximumShortLength { throw .longControlFrame(opcode) }

        var next = start + 2
        let payloadLength: Int
        switch shortLength {
        case 126:
            guard let length = input.getInteger(at: next, as: UInt16.self) else { return nil }
            guard length > Self.maximumShortLength else { throw .lengthNotShortest(UInt64(length)) }
            payloadLength = Int(length)
            next += 2
        case 127:
            guard let top = input.getInteger(at: next, as: UInt8.self) else { return nil }
            guard top & 0x80 == 0 else { throw .lengthOver63Bits }
            guard let length = input.getInteger(at: next, as: UInt64.self) else { return nil }
            guard length > Self.maximumMediumLength else { throw .lengthNotShortest(length) }
            guard let fitting = Int(exactly: length) else { throw .lengthOver63Bits }
            payloadLength = fitting
            next += 8
        default:
            payloadLength = shortLength
        }

        var maskKey: MaskKey?
        if isMasked {
            guard let key = input.getInteger(at: next, endianness: .little, as: UInt32.self) else { return nil }
            maskKey = MaskKey(littleEndian: key)
            next += 4
        }
        input.moveReaderIndex(to: next)
        return FrameHeader(
            opcode: opcode,
            isFinal: isFinal,
            reservedBits: reservedBits,
            payloadLength: payloadLength,
            maskKey: maskKey
        )
    }

    /// RSV1 as `reservedBits` has it; permessage-deflate sets it on the first frame of a compressed message (RFC 7692 §6).
    public static let firstReservedBit: UInt8 = 4
    /// The most bytes that a header takes.
    public static let maximumEncodedLength = 14
    /// The longest payload of a control frame (§5.5), and the longest whose length fits the second byte.
    public static let maximumShortLength = 125
    private static let maximumMediumLength = 65_535
}
