// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Testing

@testable import Endpoints

@Suite("What a target says before it can be heard")
struct TunnelGateTests {
    private struct Broken: Error {}

    /// Notes what reaches it.
    private final class Listener: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var heard: [String] = []

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.heard.append(String(buffer: self.unwrapInboundIn(data)))
        }

        func channelReadComplete(context: ChannelHandlerContext) {
            self.heard.append("complete")
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            self.heard.append("\(event)")
        }
    }

    @Test func bytesAndEndComeInOrder() throws {
        let channel = EmbeddedChannel()
        let gate = TunnelGate()
        try channel.pipeline.syncOperations.addHandler(gate)
        for text in ["one", "two"] { channel.pipeline.fireChannelRead(ByteBuffer(string: text)) }
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        let listener = Listener()
        try gate.open(channel) { try $0.pipeline.syncOperations.addHandler(listener) }
        #expect(listener.heard == ["one", "two", "complete", "inputClosed"])
        channel.pipeline.fireChannelRead(ByteBuffer(string: "three"))
        #expect(listener.heard.last == "three")
        #expect(throws: ChannelPipelineError.notFound) {
            try channel.pipeline.syncOperations.handler(type: TunnelGate.self)
        }
    }

    @Test func nothingComesWithoutAnything() throws {
        let channel = EmbeddedChannel()
        let gate = TunnelGate()
        try channel.pipeline.syncOperations.addHandler(gate)
        let listener = Listener()
        try gate.open(channel) { try $0.pipeline.syncOperations.addHandler(listener) }
        #expect(listener.heard.isEmpty)
    }

    @Test func aConnectionThatHasBrokenIsNotOpened() throws {
        let channel = EmbeddedChannel()
        let gate = TunnelGate()
        try channel.pipeline.syncOperations.addHandler(gate)
        channel.pipeline.fireErrorCaught(Broken())
        #expect(throws: Broken.self) { try gate.open(channel) { _ in Issue.record("opened") } }
    }
}
