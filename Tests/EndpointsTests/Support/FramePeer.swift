// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing
import WebSocketCore

/// A frame as a test sees it: clear, and masked as its sender's role wants.
struct Frame: Equatable, Sendable, CustomStringConvertible {
    var opcode: Opcode
    var isFinal = true
    /// RSV1, RSV2 and RSV3: 4, 2 and 1.
    var reservedBits: UInt8 = 0
    var payload = ByteBuffer()

    static func binary(_ text: String, isFinal: Bool = true) -> Frame { .binary(buffer(text), isFinal: isFinal) }
    static func binary(_ payload: ByteBuffer, isFinal: Bool = true) -> Frame {
        Frame(opcode: .binary, isFinal: isFinal, payload: payload)
    }
    static func text(_ text: String, isFinal: Bool = true) -> Frame {
        Frame(opcode: .text, isFinal: isFinal, payload: buffer(text))
    }
    static func more(_ text: String, isFinal: Bool = true) -> Frame {
        Frame(opcode: .continuation, isFinal: isFinal, payload: buffer(text))
    }
    /// The first frame of a compressed message.
    static func deflated(_ opcode: Opcode, _ bytes: [UInt8], isFinal: Bool = true) -> Frame {
        Frame(opcode: opcode, isFinal: isFinal, reservedBits: 4, payload: buffer(bytes))
    }
    static func ping(_ text: String) -> Frame { Frame(opcode: .ping, payload: buffer(text)) }
    static func pong(_ text: String) -> Frame { Frame(opcode: .pong, payload: buffer(text)) }
    static func close(_ code: CloseCode, _ reason: String = "") -> Frame {
        Frame(opcode: .close, payload: CloseReason(code, reason).encoded)
    }
    /// The end of a direction where `strait-half-close` was agreed.
    static let marker = Frame(opcode: .binary)
    /// A Close without a code.
    static let bareClose = Frame(opcode: .close)

    /// The code of a Close frame that has one.
    var closeCode: CloseCode? {
        self.payload.getInteger(at: self.payload.readerIndex, as: UInt16.self).map(CloseCode.init(rawValue:))
    }

    var description: String {
        let payload =
            self.payload.readableBytes > 40 ? "\(self.payload.readableBytes) bytes" : String(buffer: self.payload)
        return
            "\(self.opcode)\(self.isFinal ? "" : "…")\(self.reservedBits == 0 ? "" : " rsv \(self.reservedBits)")(\(self.closeCode.map { "\($0) " } ?? "")\(payload.debugDescription))"
    }

    /// The frame on the wire as a peer of this role sends it.
    func encoded(by role: Role) -> ByteBuffer {
        let key: MaskKey? = role == .client ? MaskKey(0x5A17_C39E) : nil
        let length = self.payload.readableBytes
        var bytes = ByteBuffer()
        let header = FrameHeader(
            opcode: self.opcode,
            isFinal: self.isFinal,
            reservedBits: self.reservedBits,
            payloadLength: length,
            maskKey: key
        )
        header.write(to: &bytes)
        MaskedPayload(bytes: self.payload, maskKey: key).write(to: &bytes)
        return bytes
    }
}

/// The other end of a WebSocket, frame by frame, as a test wants them.
///
/// `@unchecked Sendable` holds because a test reads from one task at a time.
final class FramePeer: @unchecked Sendable {
    let bytes: Peer
    let role: Role
    private var received = ByteBuffer()

    init(_ bytes: Peer, role: Role) {
        self.bytes = bytes
        self.role = role
    }

    /// Sends frames in one go.
    func send(_ frames: Frame...) async throws {
        try await self.bytes.send(self.encoded(frames))
    }

    func encoded(_ frames: [Frame]) -> ByteBuffer {
        frames.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1.encoded(by: self.role)) }
    }

    /// Waits for a frame.
    ///
    /// - Returns: `nil` at the end of the transport.
    func next() async throws -> Frame? {
        while true {
            if let frame = try self.takeFrame() { return frame }
            let more = try await self.bytes.receiveSome()
            if more.readableBytes == 0 {
                #expect(self.received.readableBytes == 0, "the transport ended inside a frame")
                return nil
            }
            self.received.writeImmutableBuffer(more)
        }
    }

    /// Waits for the end of the transport.
    ///
    /// - Returns: all frames before it.
    func rest() async throws -> [Frame] {
        var frames: [Frame] = []
        while let frame = try await self.next() { frames.append(frame) }
        return frames
    }

    private func takeFrame() throws -> Frame? {
        var input = self.received
        guard let header = try FrameHeader.removed(from: &input),
            let payload = input.readSlice(length: header.payloadLength)
        else { return nil }
        // A client masks, a server does not (RFC 6455 §5.1).
        #expect((header.maskKey != nil) == (self.role == .server))
        self.received = input
        let clear = MaskedPayload(bytes: payload, maskKey: header.maskKey).clear()
        return Frame(
            opcode: header.opcode,
            isFinal: header.isFinal,
            reservedBits: header.reservedBits,
            payload: clear
        )
    }
}
