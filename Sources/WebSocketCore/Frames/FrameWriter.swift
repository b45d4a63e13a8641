// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Writes frames for one side of a connection (RFC 6455 §5).
///
/// Each call asks for a mask key only if the side is a client (§5.1), so no frame can go out masked or unmasked that
/// should not.
public struct FrameWriter: Sendable {
    private let role: Role

    /// A writer for this side.
    public init(role: Role) {
        self.role = role
    }

    /// Appends a header to `out`; the payload is the caller's to send, masked with the key that is returned.
    ///
    /// - Returns: The mask key for the payload, or `nil` if it goes out as it is.
    @discardableResult
    public func writeHeader(
        opcode: Opcode,
        isFinal: Bool = true,
        reservedBits: UInt8 = 0,
        payloadLength: Int,
        maskKey: @autoclosure () -> MaskKey,
        to out: inout ByteBuffer
    ) -> MaskKey? {
        let header = self.header(
            opcode,
            isFinal: isFinal,
            reservedBits: reservedBits,
            payloadLength: payloadLength,
            maskKey: maskKey
        )
        header.write(to: &out)
        return header.maskKey
    }

    /// Appends a frame to `out`, masking the payload while it is copied. Control frames are for the methods below, which
    /// keep their limits.
    public func writeFrame(
        opcode: Opcode,
        isFinal: Bool = true,
        reservedBits: UInt8 = 0,
        payload: ByteBuffer,
        maskKey: @autoclosure () -> MaskKey,
        to out: inout ByteBuffer
    ) {
        let header = self.header(
            opcode,
            isFinal: isFinal,
            reservedBits: reservedBits,
            payloadLength: payload.readableBytes,
            maskKey: maskKey
        )
        out.reserveCapacity(minimumWritableBytes: header.encodedLength + header.payloadLength)
        header.write(to: &out)
        MaskedPayload(bytes: payload, maskKey: header.maskKey).write(to: &out)
    }

    /// Appends a Close frame to `out`. See ``CloseReason/encoded`` for what is cut.
    public func writeClose(_ reason: CloseReason?, maskKey: @autoclosure () -> MaskKey, to out: inout ByteBuffer) {
        self.writeFrame(opcode: .close, payload: reason?.encoded ?? ByteBuffer(), maskKey: maskKey(), to: &out)
    }

    /// Appends a Ping frame to `out`.
    public func writePing(
        _ payload: ControlPayload = ControlPayload(),
        maskKey: @autoclosure () -> MaskKey,
        to out: inout ByteBuffer
    ) {
        self.writeFrame(opcode: .ping, payload: payload.bytes, maskKey: maskKey(), to: &out)
    }

    /// Appends a Pong frame to `out`.
    public func writePong(
        _ payload: ControlPayload,
        maskKey: @autoclosure () -> MaskKey,
        to out: inout ByteBuffer
    ) {
        self.writeFrame(opcode: .pong, payload: payload.bytes, maskKey: maskKey(), to: &out)
    }

    private func header(
        _ opcode: Opcode,
        isFinal: Bool,
        reservedBits: UInt8,
        payloadLength: Int,
        maskKey: () -> MaskKey
    ) -> FrameHeader {
        let key: MaskKey? =
            switch self.role {
            case .client: maskKey()
            case .server: nil
            }
        return FrameHeader(
            opcode: opcode,
            isFinal: isFinal,
            reservedBits: reservedBits,
            payloadLength: payloadLength,
            maskKey: key
        )
    }
}
