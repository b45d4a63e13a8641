// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Testing

@testable import Endpoints

@Suite("PROXY protocol handlers")
struct ProxyHeaderHandlerTests {
    /// Everything that goes up, in order.
    private final class Above: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var seen: [String] = []

        func channelActive(context: ChannelHandlerContext) { self.seen.append("active") }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.seen.append(String(buffer: self.unwrapInboundIn(data)))
        }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if let header = event as? ProxyHeader { self.seen.append("\(header.client?.port ?? 0)") }
            if case .inputClosed = event as? ChannelEvent { self.seen.append("end") }
        }
    }

    private let failures = NIOLockedValueBox<[ProxyHeaderError]>([])
    private let above = Above()
    private let channel = EmbeddedChannel()

    private func add(_ handler: any ChannelHandler) throws {
        try self.channel.pipeline.syncOperations.addHandlers([handler, self.above])
        try self.channel.connect(to: SocketAddress(ipAddress: "192.0.2.9", port: 9)).wait()
    }

    private func addTaker() throws {
        try self.add(
            ProxyHeaderHandler(timeLimit: .seconds(10)) { [failures] error in
                failures.withLockedValue { $0.append(error) }
            }
        )
    }

    private func addRefusal() throws {
        try self.add(ProxyHeaderRefusal { [failures] error in failures.withLockedValue { $0.append(error) } })
    }

    private static let line = "PROXY TCP4 192.0.2.1 198.51.100.2 12345 443\r\n"

    private func receive(_ text: some StringProtocol) throws {
        try self.channel.writeInbound(ByteBuffer(string: String(text)))
    }

    // MARK: From a trusted network

    @Test
    func theConnectionBeginsBehindTheHeaderAtEverySplit() throws {
        let text = Self.line + "GET /"
        for split in 0...text.utf8.count {
            let test = ProxyHeaderHandlerTests()
            try test.addTaker()
            #expect(test.above.seen.isEmpty)
            try test.receive(text.prefix(split))
            try test.receive(text.dropFirst(split))
            #expect(Array(test.above.seen.prefix(2)) == ["12345", "active"])
            #expect(test.above.seen.dropFirst(2).joined() == "GET /")
            #expect(test.failures.withLockedValue { $0 }.isEmpty)
            #expect(throws: (any Error).self) {
                try test.channel.pipeline.syncOperations.handler(type: ProxyHeaderHandler.self)
            }
        }
    }

    @Test
    func withoutAHeaderItIsClosed() throws {
        try self.addTaker()
        try self.receive("GET / HTTP/1.1\r\n")
        #expect(self.failures.withLockedValue { $0 } == [.missing])
        #expect(!self.channel.isActive)
        #expect(self.above.seen.isEmpty)
    }

    @Test
    func aHeaderThatDoesNotComeIsWaitedForSoLong() throws {
        try self.addTaker()
        try self.receive("PROXY TCP4")
        self.channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(self.channel.isActive)
        self.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!self.channel.isActive)
        #expect(self.failures.withLockedValue { $0 } == [.timedOut])
    }

    @Test
    func aHeaderInTimeStopsTheClock() throws {
        try self.addTaker()
        try self.receive(Self.line)
        self.channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(self.channel.isActive)
        #expect(self.failures.withLockedValue { $0 }.isEmpty)
    }

    @Test
    func aPeerThatOnlyLooksWhetherSomebodyListensIsNoFailure() throws {
        try self.addTaker()
        self.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!self.channel.isActive)
        #expect(self.failures.withLockedValue { $0 }.isEmpty)
    }

    @Test
    func anEndInsideTheHeaderIsAFailure() throws {
        try self.addTaker()
        try self.receive("PROXY ")
        self.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!self.channel.isActive)
        #expect(self.failures.withLockedValue { $0.count } == 1)
    }

    // MARK: From any other

    @Test(arguments: ["PROXY UNKNOWN\r\n", "\r\n\r\n\u{0}\r\nQUIT\n!"])
    func aHeaderIsRefusedAtEverySplit(header: String) throws {
        for split in 0...header.utf8.count {
            let test = ProxyHeaderHandlerTests()
            try test.addRefusal()
            let bytes = ByteBuffer(string: header)
            for part in [
                bytes.getSlice(at: 0, length: split), bytes.getSlice(at: split, length: bytes.readableBytes - split),
            ] {
                if test.channel.isActive, let part { try test.channel.writeInbound(part) }
            }
            #expect(!test.channel.isActive)
            #expect(test.failures.withLockedValue { $0 } == [.untrusted])
            #expect(test.above.seen == ["active"])
        }
    }

    @Test(arguments: ["P", "PROXY", "POST /", "SSH-2.0\r\n", "\r\n\r\nGET"])
    func everythingElseGoesThrough(text: String) throws {
        try self.addRefusal()
        try self.receive(text)
        self.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(self.above.seen == ["active", text, "end"])
        #expect(self.failures.withLockedValue { $0 }.isEmpty)
    }
}
