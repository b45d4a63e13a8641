// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import WebSocketCore

@Suite("Writing frames, RFC 6455 §5")
struct FrameWriterTests {
    private static let roles = [(Role.client, Role.server), (.server, .client)]

    @Test func onlyAClientTakesAKey() {
        var keysTaken = 0
        func key() -> MaskKey {
            keysTaken += 1
            return MaskKey(1)
        }
        var out = ByteBuffer()
        #expect(
            FrameWriter(role: .server).writeHeader(opcode: .binary, payloadLength: 5, maskKey: key(), to: &out) == nil
        )
        FrameWriter(role: .server).writeFrame(opcode: .binary, payload: buffer("x"), maskKey: key(), to: &out)
        #expect(keysTaken == 0)
        #expect(
            FrameWriter(role: .client).writeHeader(opcode: .binary, payloadLength: 5, maskKey: key(), to: &out)
                == MaskKey(1)
        )
        FrameWriter(role: .client).writeFrame(opcode: .binary, payload: buffer("x"), maskKey: key(), to: &out)
        FrameWriter(role: .client).writeClose(nil, maskKey: key(), to: &out)
        #expect(keysTaken == 3)
    }

    @Test(arguments: roles)
    func theOtherSideReadsIt(writer: Role, reader: Role) {
        let writer = FrameWriter(role: writer)
        let key = MaskKey(0x1234_5678)
        var out = ByteBuffer()
        writer.writeFrame(opcode: .text, isFinal: false, payload: buffer("a"), maskKey: key, to: &out)
        writer.writePing(maskKey: key, to: &out)
        writer.writeFrame(opcode: .continuation, payload: buffer("b"), maskKey: key, to: &out)
        if let payload = ControlPayload(pattern(125)) { writer.writePong(payload, maskKey: key, to: &out) }
        writer.writeClose(CloseReason(.normal, "done"), maskKey: key, to: &out)
        #expect(
            hear([out], as: reader) == [
                .ping(ByteBuffer()), .text(buffer("ab")), .pong(pattern(125)), .close(CloseReason(.normal, "done")),
            ]
        )
    }

    @Test func controlPayloadsKeepTheirLimit() {
        #expect(ControlPayload(pattern(125))?.count == 125)
        #expect(ControlPayload(pattern(126)) == nil)
        #expect(ControlPayload().count == 0)
    }

    @Test func laterFramesOfAMessageAreContinuations() {
        var fragmentation = Fragmentation()
        #expect(fragmentation.opcode(for: .text, isFinal: true) == .text)
        #expect(fragmentation.opcode(for: .binary, isFinal: false) == .binary)
        #expect(fragmentation.opcode(for: .binary, isFinal: false) == .continuation)
        #expect(fragmentation.opcode(for: .binary, isFinal: true) == .continuation)
        #expect(fragmentation.opcode(for: .text, isFinal: false) == .text)
    }
}
