// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// The last handler of a channel: a byte stream that is read when asked and written until it says wait.
///
/// Reads pull: the channel's `autoRead` is off, and one `read()` asks the kernel once. What NIO hands over unasked (it
/// empties a socket when its peer has ended) waits in `received`. Writes are over when the kernel has every byte: the
/// channel's water marks are 1 byte, so "writable" means "nothing pending".
///
/// `@unchecked Sendable` holds because all members are used on the channel's event loop only; links pin their tasks to it.
final class ChannelStream: ChannelInboundHandler, ByteSource, ByteSink, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the end of the channel means for the direction still open.
    enum Kind {
        /// A socket over a network: no end without FIN or reset.
        case tcp
        /// A Unix socket: the kernel reports at once that the peer has closed both directions, which is not an error
        /// until something is written to it.
        case unix
        /// The reading end of a pipe, or a terminal. NIO closes the whole channel at its end.
        case pipeSource
        /// The writing end of a pipe, or a terminal.
        case pipeSink
    }

    private enum Input {
        case open
        case ended
        case failed(any Error)
        case stopped
        /// What still comes is thrown away, so that the kernel does not answer it with a reset.
        case discarded
    }

    private enum Output {
        case open
        /// `finish` was called.
        case finished
        case failed(any Error)
        case stopped
    }

    let channel: any Channel
    let kind: Kind
    var onLost: (@Sendable (any Error) -> Void)?
    /// Called when everything pending has been written.
    var onDrained: (() -> Void)?

    private var isResetting = false
    private var bytesSent = 0
    /// Since when a `read()` has been waiting for the kernel.
    private(set) var readingSince: NIODeadline?
    /// The kernel is not asked for more before then.
    var readsAgain = NIODeadline.uptimeNanoseconds(0)
    /// When bytes last came.
    private(set) var lastRead = NIODeadline.now()
    private var context: ChannelHandlerContext?
    private var readBuffers: ReadBuffers?
    private var bulk = BulkDetector()
    /// The reader is being given bytes: if it asks for more by then, it has passed them on.
    private var isGiving = false
    /// A `TLSHandler` stands between the socket and this stream.
    private(set) lazy var isBehindTLS =
        (try? self.channel.pipeline.syncOperations.context(handlerType: ReadBufferKeeper.self)) != nil
    private var input = Input.open
    private var output = Output.open
    private var failure: (any Error)?
    private var received = CircularBuffer<ByteBuffer>(initialCapacity: 1)
    // Unsafe continuations: a checked one would allocate for every chunk. Each is taken out before it is resumed.
    private var reader: UnsafeContinuation<ByteBuffer?, any Error>?
    private var writer: UnsafeContinuation<Void, any Error>?

    init(channel: any Channel, kind: Kind) {
        self.channel = channel
        self.kind = kind
    }

    /// The stream at the end of a channel's pipeline; call it on the channel's event loop.
    static func of(_ channel: any Channel) throws -> ChannelStream {
        try channel.pipeline.syncOperations.handler(type: ChannelStream.self)
    }

    // MARK: Reading

    var hasMore: Bool { !self.received.isEmpty }

    nonisolated(nonsending) func read() async throws -> ByteBuffer? {
        if let bytes = self.received.popFirst() { return bytes }
        switch self.input {
        case .open: break
        case .ended: return nil
        case .failed(let error): throw error
        case .stopped, .discarded: throw CancellationError()
        }
        self.readingSince = .now()
        defer { self.readingSince = nil }
        return try await withUnsafeThrowingContinuation { reader in
            self.reader = reader
            self.ask()
        }
    }

    private func ask() {
        guard let context else { return }
        if !self.isGiving { self.adapt { $0.hasWaited() } }
        if self.readsAgain <= self.lastRead {
            context.read()
        } else {
            context.eventLoop.assumeIsolated().scheduleTask(deadline: self.readsAgain) { self.context?.read() }
        }
    }

    private func adapt(_ happened: (inout BulkDetector) -> Void) {
        let wasBulk = self.bulk.isBulk
        happened(&self.bulk)
        if self.bulk.isBulk != wasBulk { self.chooseReadBuffers() }
    }

    /// TLS gains nothing by huge ones, and would hold as much plaintext beside them.
    @inline(never)
    private func chooseReadBuffers() {
        guard let readBuffers, !self.isBehindTLS else { return }
        let allocator: any RecvByteBufferAllocator
        if self.bulk.isBulk {
            readBuffers.beginBulk()
            allocator = BulkReadBuffers(buffers: readBuffers)
        } else {
            readBuffers.endBulk()
            allocator = LentReadBuffers.afterBulk(readBuffers)
        }
        // A channel that takes no options has been closed.
        try? self.channel.syncOptions?.setOption(.recvAllocator, value: allocator)
    }

    /// Bytes that came before this stream was in place; call it before the first `read()`.
    func receive(_ bytes: ByteBuffer) {
        if bytes.readableBytes > 0 { self.received.append(bytes) }
    }

    // MARK: Writing

    /// The kernel has every byte written so far.
    var isDrained: Bool { self.channel.isWritable }

    nonisolated(nonsending) func write(_ bytes: ByteBuffer, hasMore: Bool) async throws {
        try self.send(bytes, flush: !hasMore)
        if !hasMore { try await self.drain() }
    }

    /// Queues `bytes` without waiting. The caller bounds what it queues.
    func send(_ bytes: ByteBuffer, flush: Bool) throws {
        try self.checkOutput()
        guard let context else { throw StreamError.brokenWhileSending }
        self.bytesSent &+= bytes.readableBytes
        if flush {
            context.writeAndFlush(self.wrapOutboundOut(bytes), promise: nil)
        } else {
            context.write(self.wrapOutboundOut(bytes), promise: nil)
        }
    }

    /// Waits until the kernel has every byte that was flushed.
    nonisolated(nonsending) func drain() async throws {
        try self.checkOutput()
        if self.channel.isWritable { return }
        try await withUnsafeThrowingContinuation { self.writer = $0 }
    }

    func finish() {
        guard let context else { return }
        switch self.output {
        case .open, .stopped: self.output = .finished
        case .finished, .failed: return
        }
        // NIO turns this into a full close when the peer has ended already, and drops what is still pending then. So
        // wait for the last byte first.
        let drained = context.eventLoop.makePromise(of: Void.self)
        drained.futureResult.assumeIsolated().whenSuccess {
            switch self.kind {
            case .tcp, .unix: context.close(mode: .output, promise: nil)
            case .pipeSource, .pipeSink: context.close(promise: nil)
            }
        }
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer()), promise: drained)
    }

    private func checkOutput() throws {
        switch self.output {
        case .open: return
        case .finished: throw StreamError.closedByReader
        case .failed(let error): throw error
        case .stopped: throw CancellationError()
        }
    }

    // MARK: Ending

    /// What was received before can still be read.
    func stop() {
        if case .open = self.input { self.input = .stopped }
        if case .open = self.output { self.output = .stopped }
        self.resumeReader(throwing: CancellationError())
        self.resumeWriter(throwing: CancellationError())
    }

    /// Has a pending `read` and `write` throw; later ones work.
    func interrupt() {
        self.resumeReader(throwing: CancellationError())
        self.resumeWriter(throwing: CancellationError())
    }

    /// Throws away what still comes. At the peer's end, this side is finished as well, and the channel closes.
    func discard() {
        switch self.input {
        case .open, .stopped:
            self.input = .discarded
            self.resumeReader(throwing: CancellationError())
            self.context?.read()
        case .ended:
            self.finish()
        case .failed, .discarded:
            break
        }
    }

    /// Ends it at once, and so that the peer sees a reset (TCP). What was received can still be read.
    func reset() {
        if self.kind == .tcp {
            _ = (self.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        self.context?.close(promise: nil)
    }

    /// Resets it once the peer's kernel has everything that was written: a reset destroys what is still on its way.
    /// A peer that takes nothing any more is reset all the same.
    func resetOnceDelivered() {
        guard self.kind == .tcp else { return self.reset() }
        if case .open = self.output { self.output = .stopped }
        self.isResetting = true
        self.resetOnceDelivered(unacknowledged: Int.max, since: .now())
    }

    private func resetOnceDelivered(unacknowledged before: Int, since progress: NIODeadline) {
        let unacknowledged = self.unacknowledgedBytes
        let progress = unacknowledged < before ? .now() : progress
        guard self.channel.isActive, unacknowledged > 0 || !self.isDrained, progress + Self.deliveryPatience > .now()
        else { return self.reset() }
        self.channel.eventLoop.scheduleTask(in: Self.deliveryInterval) {
            self.resetOnceDelivered(unacknowledged: unacknowledged, since: progress)
        }
    }

    /// Bytes in the socket that the peer's kernel has not acknowledged (tcp(7), SIOCOUTQ); 0 where that is not known.
    var unacknowledgedBytes: Int {
        var count: CInt = 0
        let result = try? self.channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { ioctl($0, UInt(TIOCOUTQ), &count) }
        return result == 0 ? Int(count) : 0
    }

    /// Bytes that the peer's kernel has taken, less a little with TLS, whose records are longer than what they hold.
    var acknowledgedBytes: Int { self.bytesSent - self.undeliveredBytes }

    /// Bytes sent that the peer's kernel has not taken, still waiting here or in the socket.
    var undeliveredBytes: Int {
        let buffered = (try? self.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        return buffered + self.unacknowledgedBytes
    }

    /// How often, and for how long without progress, the delivery before a reset is looked at.
    private static let deliveryInterval = TimeAmount.milliseconds(5)
    private static let deliveryPatience = TimeAmount.seconds(5)

    func close() async {
        if self.isResetting {
            _ = try? await self.channel.closeFuture.get()
            return
        }
        switch (self.output, self.kind) {
        case (.finished, .tcp), (.finished, .unix), (.finished, .pipeSink):
            // An end without unread input and with nothing pending; the kernel would answer with a reset otherwise.
            self.discard()
            await self.waitForEnd(patience: Self.patience)
        case (.open, .pipeSink), (.stopped, .pipeSink):
            // What has been queued for the reader is still delivered for as long as it takes something.
            self.stop()
            self.finish()
            await self.waitForEnd(patience: Self.patience)
        case (.finished, .pipeSource), (.open, _), (.failed, _), (.stopped, _):
            self.stop()
            self.context?.close(promise: nil)
            _ = try? await self.channel.closeFuture.get()
        }
    }

    /// Waits until the channel closes by itself. After `patience` without progress it is closed: nothing is unread by
    /// then, so the kernel still delivers what it has, and no reset destroys it.
    func waitForEnd(patience: Duration) async {
        let watch = StallWatch(self, patience: patience) {
            self.hasGivenUpDelivery = self.unacknowledgedBytes > 0 || !self.isDrained
            self.context?.close(promise: nil)
        }
        _ = try? await self.channel.closeFuture.get()
        watch.cancel()
    }

    /// It was closed before the peer's kernel had everything.
    private(set) var hasGivenUpDelivery = false

    /// How long a peer that says and takes nothing may take to end its side after both directions have ended.
    private static let patience = Duration.seconds(2)

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.readBuffers = .current
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = self.unwrapInboundIn(data)
        self.readBuffers?.keep(bytes)
        self.adapt { $0.hasRead(bytes.readableBytes) }
        self.lastRead = .now()
        guard let reader = self.reader else {
            switch self.input {
            // After the end only what a handshake's decoder had kept comes; no one has been told of the end by then.
            case .open, .ended: self.received.append(bytes)
            case .discarded: context.read()
            case .failed, .stopped: break
            }
            return
        }
        self.reader = nil
        self.isGiving = true
        reader.resume(returning: bytes)
        self.isGiving = false
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed = event as? ChannelEvent { self.endInput() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        self.onDrained?()
        guard let writer = self.writer else { return }
        self.writer = nil
        writer.resume()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What lay behind a handshake whose decoder met the peer's end before it could let go of these bytes.
        if case .leftoverDataWhenDone(let bytes) = error as? ByteToMessageDecoderError {
            return self.channelRead(context: context, data: NIOAny(bytes))
        }
        guard self.failure == nil else { return }
        self.failure = StreamError(error)
        // The channel closes next; `channelInactive` tells everybody.
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        defer { context.fireChannelInactive() }
        self.adapt { $0.hasWaited() }
        if let failure { return self.fail(failure) }
        switch (self.input, self.output, self.kind) {
        case (_, .open, .pipeSink):
            self.fail(StreamError.closedByReader)
        case (.open, _, .pipeSource), (.open, .finished, .tcp), (.open, .finished, .unix):
            // NIO closes the whole channel when the peer's end follows ours.
            self.endInput()
        case (.open, _, .tcp), (.open, _, .unix):
            self.fail(StreamError.brokenWhileSending)
        case (.ended, .open, .unix) where self.writer == nil:
            self.output = .failed(StreamError.closedByReader)
        case (.ended, .open, .unix):
            self.fail(StreamError.closedByReader)
        case (.ended, .open, .tcp):
            self.fail(StreamError.reset)
        case (.open, _, .pipeSink), (.ended, _, _), (.failed, _, _), (.stopped, _, _), (.discarded, _, _):
            break
        }
    }

    private func endInput() {
        if case .discarded = self.input { self.finish() }
        guard case .open = self.input else { return }
        // The other direction may go on for hours.
        self.adapt { $0.hasWaited() }
        self.input = .ended
        let reader = self.reader
        self.reader = nil
        reader?.resume(returning: nil)
    }

    /// Gives it up for `error`, which a pending or the next call throws.
    func giveUp(_ error: any Error) {
        self.fail(error)
        self.reset()
    }

    private func fail(_ error: any Error) {
        if case .open = self.input { self.input = .failed(error) }
        let outputWasOpen = if case .open = self.output { true } else { false }
        if outputWasOpen { self.output = .failed(error) }
        let writerWasWaiting = self.writer != nil
        let readerWasWaiting = self.reader != nil
        self.resumeReader(throwing: error)
        self.resumeWriter(throwing: error)
        if outputWasOpen && !writerWasWaiting && !readerWasWaiting { self.onLost?(error) }
    }

    private func resumeReader(throwing error: any Error) {
        let reader = self.reader
        self.reader = nil
        reader?.resume(throwing: error)
    }

    private func resumeWriter(throwing error: any Error) {
        let writer = self.writer
        self.writer = nil
        writer?.resume(throwing: error)
    }
}
