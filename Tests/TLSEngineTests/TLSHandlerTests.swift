// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Testing

@testable import TLSEngine

@Suite("Channel handler")
struct TLSHandlerTests {
    @Test
    func completesTheHandshakeByItself() throws {
        let link = try HandlerLink()
        try link.connect()
        #expect(link.client.events == ["handshake TLSv1.3"])
        #expect(link.server.events == ["handshake TLSv1.3"])
        // Nobody above asked to read.
        #expect(link.client.wire.reads > 0)
    }

    @Test
    func sendsWhatWasWrittenBeforeTheHandshakeAfterIt() throws {
        let link = try HandlerLink()
        let sent = link.client.channel.eventLoop.makePromise(of: Void.self)
        link.client.onActive = { context in
            context.writeAndFlush(NIOAny(ByteBuffer(string: "early")), promise: sent)
        }
        try link.connect()
        #expect(link.server.text == "early")
        try sent.futureResult.wait()
    }

    @Test
    func makesOneWriteOfOneFlush() throws {
        let link = try HandlerLink()
        try link.connect()
        let writes = link.client.wire.written.count
        var promises: [EventLoopFuture<Void>] = []
        for count in [14, 65_536, 0, 3, 16_384, 40_000, 1] {
            promises.append(link.client.channel.write(pattern(count)))
        }
        link.client.channel.flush()
        #expect(link.client.wire.written.count == writes + 1)
        let total = 14 + 65_536 + 3 + 16_384 + 40_000 + 1
        // Small writes share records.
        #expect(link.client.wire.written.last?.readableBytes == total + 22 * ((total + 16_383) / 16_384))
        try link.carry()
        #expect(link.server.received.readableBytes == total)
        let expected = [14, 65_536, 0, 3, 16_384, 40_000, 1].reduce(into: ByteBuffer()) {
            $0.writeImmutableBuffer(pattern($1))
        }
        #expect(link.server.received == expected)
        for promise in promises { try promise.wait() }
    }

    @Test
    func settlesAWriteWithItsCiphertext() throws {
        let link = try HandlerLink()
        try link.connect()
        link.client.wire.holdsPromises = true
        let future = link.client.channel.writeAndFlush(pattern(10))
        var isDone = false
        future.assumeIsolated().whenComplete { _ in isDone = true }
        #expect(!isDone)
        link.client.wire.releasePromises()
        #expect(isDone)
    }

    @Test
    func readsOnUntilThereIsPlaintext() throws {
        let link = try HandlerLink()
        try link.connect()
        link.server.channel.read()
        _ = link.client.channel.writeAndFlush(pattern(100))
        var bytes = link.client.wire.takeWritten()
        let rest = bytes.readableBytes - 1
        let before = link.server.wire.reads
        link.server.deliver(bytes.readSlice(length: rest) ?? ByteBuffer())
        #expect(link.server.wire.reads == before + 1)
        #expect(link.server.readCompletes == 0)
        link.server.deliver(bytes)
        #expect(link.server.wire.reads == before + 1)
        #expect(link.server.received.readableBytes == 100)
        #expect(link.server.readCompletes == 1)
        #expect(link.server.reads == 1)
    }

    @Test
    func doesNotReadUnasked() throws {
        let link = try HandlerLink()
        try link.connect()
        let before = link.server.wire.reads
        _ = link.client.channel.writeAndFlush(pattern(100))
        var bytes = link.client.wire.takeWritten()
        link.server.deliver(bytes.readSlice(length: 50) ?? ByteBuffer())
        #expect(link.server.wire.reads == before)
    }

    @Test
    func firesOneBufferForManyRecords() throws {
        let link = try HandlerLink()
        try link.connect()
        _ = link.client.channel.writeAndFlush(pattern(60_000))
        try link.carry()
        #expect(link.server.reads == 1)
        #expect(link.server.received == pattern(60_000))
    }

    @Test
    func endsEachDirectionByItself() throws {
        let link = try HandlerLink()
        try link.connect()
        _ = link.client.channel.write(ByteBuffer(string: "last words"))
        let closed = link.client.channel.close(mode: .output)
        try closed.wait()
        #expect(link.client.wire.closes == [.output])
        try link.carry()
        #expect(link.server.text == "last words")
        #expect(link.server.events == ["handshake TLSv1.3", "inputClosed"])
        // TCP's own end comes later and tells nothing new.
        link.server.endTransportInput()
        #expect(link.server.events == ["handshake TLSv1.3", "inputClosed"])

        #expect(throws: ChannelError.outputClosed) {
            try link.client.channel.writeAndFlush(pattern(1)).wait()
        }
        #expect(throws: ChannelError.outputClosed) { try link.client.channel.close(mode: .output).wait() }

        _ = link.server.channel.writeAndFlush(pattern(100_000))
        _ = link.server.channel.close(mode: .output)
        try link.carry()
        #expect(link.client.received == pattern(100_000))
        #expect(link.client.events == ["handshake TLSv1.3", "inputClosed"])
        #expect(link.client.errors.isEmpty)
        #expect(link.server.errors.isEmpty)
    }

    @Test
    func closesTheTransportsOutputOnlyAfterTheCiphertext() throws {
        let link = try HandlerLink()
        try link.connect()
        link.client.wire.holdsPromises = true
        _ = link.client.channel.writeAndFlush(pattern(1000))
        _ = link.client.channel.close(mode: .output)
        #expect(link.client.wire.closes.isEmpty)
        link.client.wire.releasePromises()
        #expect(link.client.wire.closes == [.output])
    }

    @Test
    func endsItsOutputAfterTheHandshakeWhenAskedBefore() throws {
        let link = try HandlerLink()
        link.client.onActive = { context in
            context.write(NIOAny(ByteBuffer(string: "all")), promise: nil)
            context.close(mode: .output, promise: nil)
        }
        try link.connect()
        #expect(link.server.text == "all")
        #expect(link.server.events == ["handshake TLSv1.3", "inputClosed"])
        #expect(link.client.wire.closes == [.output])
    }

    @Test
    func sendsCloseNotifyBeforeItCloses() throws {
        let link = try HandlerLink()
        try link.connect()
        let writes = link.client.wire.written.count
        _ = link.client.channel.close(mode: .all)
        #expect(link.client.wire.written.count == writes + 1)
        #expect(link.client.wire.closes == [.all])
        try link.carry()
        #expect(link.server.events.last == "inputClosed")
        #expect(link.client.errors.isEmpty)
    }

    @Test
    func tellsTruncationBeforeTheEnd() throws {
        let link = try HandlerLink()
        try link.connect()
        link.server.endTransportInput()
        #expect(link.server.events == ["handshake TLSv1.3", "error \(TLSError.truncated)", "inputClosed"])
        // Our direction still works.
        _ = link.server.channel.writeAndFlush(ByteBuffer(string: "still here"))
        try link.carry()
        #expect(link.client.text == "still here")
    }

    @Test
    func tellsTruncationBeforeTheChannelIsGone() throws {
        let link = try HandlerLink()
        try link.connect()
        link.server.channel.pipeline.fireChannelInactive()
        #expect(
            link.server.events
                == ["handshake TLSv1.3", "error \(TLSError.truncated)", "inputClosed", "inactive"]
        )
    }

    @Test
    func leavesATransportsErrorAsItIs() throws {
        let link = try HandlerLink()
        try link.connect()
        let reset = IOError(errnoCode: 104, reason: "read")
        link.server.channel.pipeline.fireErrorCaught(reset)
        link.server.channel.pipeline.fireChannelInactive()
        #expect(link.server.events == ["handshake TLSv1.3", "error \(reset)", "inactive"])
    }

    @Test
    func saysThatThePeerLeftDuringTheHandshake() throws {
        let link = try HandlerLink()
        let sent = link.client.channel.eventLoop.makePromise(of: Void.self)
        link.client.onActive = { context in
            context.writeAndFlush(NIOAny(ByteBuffer(string: "early")), promise: sent)
        }
        try link.activate()
        link.client.endTransportInput()
        let error = TLSError.handshakeFailed(reason: "the peer closed the connection during the TLS handshake")
        #expect(link.client.events == ["error \(error)"])
        #expect(link.client.wire.closes == [.all])
        #expect(throws: error) { try sent.futureResult.wait() }
    }

    @Test
    func sendsTheAlertThenFailsOnceThenCloses() throws {
        let link = try HandlerLink(name: "other.test")
        try link.connect()
        #expect(link.client.errors.count == 1)
        guard case .verificationFailed(let failure)? = link.client.errors.first as? TLSError else {
            Issue.record("\(link.client.errors)")
            return
        }
        #expect(failure.reason == "hostname mismatch")
        #expect(link.client.wire.log.suffix(2) == ["write", "close all"])
        // OpenSSL names a wrong name bad_certificate.
        #expect(
            link.server.errors.first as? TLSError
                == .handshakeFailed(reason: "the peer sent the alert bad_certificate (42)")
        )
        #expect(link.server.wire.closes == [.all])
    }

    @Test
    func deliversWhatCameBeforeABadRecord() throws {
        let link = try HandlerLink()
        try link.connect()
        _ = link.client.channel.writeAndFlush(pattern(100))
        _ = link.client.channel.writeAndFlush(pattern(100))
        var bytes = link.client.wire.takeWritten()
        let last = bytes.writerIndex - 1
        bytes.setInteger(bytes.getInteger(at: last, as: UInt8.self).map { $0 ^ 1 } ?? 0, at: last)
        link.server.deliver(bytes)
        #expect(link.server.received == pattern(100))
        #expect(
            link.server.errors.first as? TLSError == .protocolError(reason: "decryption failed or bad record mac")
        )
        #expect(link.server.wire.log.suffix(2) == ["write", "close all"])
    }

    @Test
    func allowsWritingReadingAndClosingWithinARead() throws {
        let link = try HandlerLink()
        try link.connect()
        link.server.onRead = { context, bytes in
            context.writeAndFlush(NIOAny(bytes), promise: nil)
            context.read()
            if bytes.readableBytes == 3 {
                context.close(mode: .all, promise: nil)
            }
        }
        _ = link.client.channel.writeAndFlush(pattern(50_000))
        try link.carry()
        #expect(link.client.received == pattern(50_000))
        _ = link.client.channel.writeAndFlush(pattern(3))
        _ = link.client.channel.close(mode: .output)
        try link.carry()
        #expect(link.client.received.readableBytes == 50_003)
        #expect(link.client.events.last == "inputClosed")
        #expect(link.server.wire.closes == [.all])
        #expect(link.server.errors.isEmpty)
    }

    @Test
    func saysThatANameCannotBe() throws {
        let link = try HandlerLink(name: "a b")
        try link.activate()
        #expect(link.client.errors.count == 1)
        #expect(link.client.wire.closes == [.all])
    }
}

/// A client's and a server's channel, with a wire between them.
private final class HandlerLink {
    let client: HandlerEnd
    let server: HandlerEnd

    init(name: String? = "server.test") throws {
        self.client = try HandlerEnd(TestCertificates.shared.client(), name)
        self.server = try HandlerEnd(TestCertificates.shared.server(), nil)
    }

    deinit {
        self.client.tearDown()
        self.server.tearDown()
    }

    func activate() throws {
        for end in [self.server, self.client] {
            try end.channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
        }
    }

    func connect() throws {
        try self.activate()
        try self.carry()
    }

    /// Carries what each end has written to the other until both are silent.
    func carry() throws {
        while true {
            let toServer = self.client.wire.takeWritten()
            let toClient = self.server.wire.takeWritten()
            guard toServer.readableBytes + toClient.readableBytes > 0 else { return }
            self.server.deliver(toServer)
            self.client.deliver(toClient)
        }
    }
}

/// One channel: a recorder in place of the transport, TLS, and a recorder in place of its user.
private final class HandlerEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let channel = EmbeddedChannel()
    let wire = WireRecorder()
    var received = ByteBuffer()
    var reads = 0
    var readCompletes = 0
    var events: [String] = []
    var errors: [any Error] = []
    var onActive: ((ChannelHandlerContext) -> Void)?
    var onRead: ((ChannelHandlerContext, ByteBuffer) -> Void)?

    var text: String { String(buffer: self.received) }

    init(_ context: TLSContext, _ peerName: String?) throws {
        let handlers: [any ChannelHandler] = [self.wire, TLSHandler(context: context, peerName: peerName), self]
        try self.channel.pipeline.syncOperations.addHandlers(handlers)
    }

    /// Closes the channel, so that it lets go of its handlers, and they of it.
    func tearDown() {
        self.onActive = nil
        self.onRead = nil
        self.wire.isTornDown = true
        self.wire.releasePromises()
        self.channel.close(promise: nil)
        self.channel.embeddedEventLoop.run()
    }

    func deliver(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        self.channel.pipeline.fireChannelRead(bytes)
        self.channel.pipeline.fireChannelReadComplete()
    }

    func endTransportInput() {
        self.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    func channelActive(context: ChannelHandlerContext) {
        self.onActive?(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.events.append("inactive")
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = self.unwrapInboundIn(data)
        self.reads += 1
        self.received.writeImmutableBuffer(bytes)
        self.onRead?(context, bytes)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.readCompletes += 1
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let completed as TLSHandshakeCompleted: self.events.append("handshake \(completed.version)")
        case let channelEvent as ChannelEvent: self.events.append("\(channelEvent)")
        default: self.events.append("\(event)")
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.events.append("error \(error)")
        self.errors.append(error)
    }
}

/// Stands for the transport: keeps what goes out.
private final class WireRecorder: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    var written: [ByteBuffer] = []
    var reads = 0
    var closes: [CloseMode] = []
    var log: [String] = []
    var holdsPromises = false
    var isTornDown = false
    private var taken = 0
    private var promises: [EventLoopPromise<Void>?] = []

    /// All that was written since the last call.
    func takeWritten() -> ByteBuffer {
        defer { self.taken = self.written.count }
        return self.written[self.taken...].reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
    }

    func releasePromises() {
        self.holdsPromises = false
        let promises = self.promises
        self.promises = []
        for promise in promises { promise?.succeed() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        self.written.append(self.unwrapOutboundIn(data))
        self.log.append("write")
        if self.holdsPromises {
            self.promises.append(promise)
        } else {
            promise?.succeed()
        }
    }

    func read(context: ChannelHandlerContext) {
        self.reads += 1
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard !self.isTornDown else {
            context.close(mode: mode, promise: promise)
            return
        }
        self.closes.append(mode)
        self.log.append("close \(mode)")
        promise?.succeed()
    }
}
