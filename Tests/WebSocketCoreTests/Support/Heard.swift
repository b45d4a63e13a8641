// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import WebSocketCore

/// What a reader made of its input, its parts joined to messages.
enum Heard: Equatable {
    case text(ByteBuffer)
    case binary(ByteBuffer)
    case ping(ByteBuffer)
    case pong(ByteBuffer)
    case close(CloseReason?)
    case violation(ProtocolViolation)
}

/// Reads `chunks`, one after the other, and checks the order of parts and that each chunk is taken whole.
func hear(_ chunks: [ByteBuffer], as role: Role = .client, allowedReservedBits: UInt8 = 0) -> [Heard] {
    var reader = FrameReader(role: role, allowedReservedBits: allowedReservedBits)
    var heard: [Heard] = []
    var message: ByteBuffer?
    for chunk in chunks {
        var input = chunk
        do throws(ProtocolViolation) {
            while let event = try reader.next(from: &input) {
                switch event {
                case .part(let part):
                    #expect(part.isFirst == (message == nil))
                    var joined = message ?? ByteBuffer()
                    // Or each part would copy all of the message.
                    message = nil
                    part.payload.write(to: &joined)
                    message = part.isFinal ? nil : joined
                    if part.isFinal { heard.append(part.kind == .text ? .text(joined) : .binary(joined)) }
                case .ping(let payload): heard.append(.ping(payload.bytes))
                case .pong(let payload): heard.append(.pong(payload.bytes))
                case .close(let reason): heard.append(.close(reason))
                }
            }
            #expect(input.readableBytes == 0)
        } catch {
            return heard + [.violation(error)]
        }
    }
    return heard
}

func hear(_ bytes: [UInt8], as role: Role = .client, allowedReservedBits: UInt8 = 0) -> [Heard] {
    hear([buffer(bytes)], as: role, allowedReservedBits: allowedReservedBits)
}

/// A frame as the peer of `role` would send it, right or wrong.
func frame(
    _ opcode: Opcode,
    isFinal: Bool = true,
    reservedBits: UInt8 = 0,
    _ payload: ByteBuffer = ByteBuffer(),
    to role: Role = .client
) -> ByteBuffer {
    let key: MaskKey? = role == .server ? MaskKey(0x5A17_C39E) : nil
    let header = FrameHeader(
        opcode: opcode,
        isFinal: isFinal,
        reservedBits: reservedBits,
        payloadLength: payload.readableBytes,
        maskKey: key
    )
    var frame = ByteBuffer()
    header.write(to: &frame)
    MaskedPayload(bytes: payload, maskKey: key).write(to: &frame)
    return frame
}

func joined(_ buffers: [ByteBuffer]) -> ByteBuffer {
    var all = ByteBuffer()
    for buffer in buffers { all.writeImmutableBuffer(buffer) }
    return all
}
