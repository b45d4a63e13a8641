// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// TLS for one channel, as client or server: plaintext above, ciphertext below.
///
/// - The handshake starts when the channel is active, and reads by itself. ``TLSHandshakeCompleted`` tells its end; what
///   was written before is held until then, so its amount is the writer's to bound.
/// - Reading is by request: with `autoRead` off, one `read()` yields at least one `channelRead`, however many records it
///   takes, or the end. Data that shares a segment with the end of the handshake comes unasked.
/// - One flush makes one write below, whose completion settles the promises of what was flushed.
/// - Each direction ends by itself (RFC 8446 §6.1): the peer's close_notify fires `ChannelEvent.inputClosed`, once, even
///   if TCP stays open; `close(mode: .output)` sends what was written, then close_notify, then closes TCP's output.
///   TCP's end without close_notify fires ``TLSError/truncated``, then `ChannelEvent.inputClosed`.
/// - A ``TLSError`` other than `truncated` is fired once, after the alert for the peer; then the channel is closed.
///
/// The channel needs `ChannelOptions.allowRemoteHalfClosure`.
public final class TLSHandler: ChannelDuplexHandler {
    /// Ciphertext from the transport.
    public typealias InboundIn = ByteBuffer
    /// Plaintext for the handlers above.
    public typealias InboundOut = ByteBuffer
    /// Plaintext from the handlers above.
    public typealias OutboundIn = ByteBuffer
    /// Ciphertext for the transport.
    public typealias OutboundOut = ByteBuffer

    private let tlsContext: TLSContext
    private let peerName: String?
    private var engine: TLSEngine?
    private var lifecycle = TLSLifecycle()
    private var pending = PendingPlaintext()
    private var endOutputPromise: EventLoopPromise<Void>?
    /// A read was asked for, and no plaintext has come since.
    private var isReadAsked = false
    /// Plaintext went up since the last `channelReadComplete`.
    private var hasDelivered = false
    private var isTransportInputEnded = false

    /// - Parameters:
    ///   - context: Its role is the connection's.
    ///   - peerName: For a client, the DNS name or IP address that the peer must prove; `nil` checks no name.
    public init(context: TLSContext, peerName: String?) {
        self.tlsContext = context
        self.peerName = peerName
    }

    // MARK: - Life

    /// Starts the handshake when the channel is active already.
    public func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive {
            self.start(context)
        }
    }

    /// Fails what was written and not sent.
    public func handlerRemoved(context: ChannelHandlerContext) {
        _ = self.lifecycle.close()
        self.failPending(ChannelError.ioOnClosedChannel)
    }

    /// Starts the handshake.
    public func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        if context.channel.isActive {
            self.start(context)
        }
    }

    /// Says what is missing before it says that the channel is gone.
    public func channelInactive(context: ChannelHandlerContext) {
        self.transportInputEnded(context)
        _ = self.lifecycle.close()
        self.failPending(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    /// Passes on an error of the transport, which takes the place of any error here.
    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The transport says itself why it ends, so that its end is no truncation any more.
        _ = self.lifecycle.failed()
        self.failPending(error)
        context.fireErrorCaught(error)
    }

    private func start(_ context: ChannelHandlerContext) {
        switch self.lifecycle.start() {
        case .handshake:
            do throws(TLSError) {
                let engine = try TLSEngine(context: self.tlsContext, peerName: self.peerName)
                self.engine = engine
                self.shakeHands(context, engine)
            } catch {
                self.fail(context, error)
            }
            if self.lifecycle.isHandshaking {
                context.read()
            }
        case .nothing:
            break
        }
    }

    // MARK: - Inbound

    /// Decrypts, and passes on one buffer of plaintext if there is any.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let engine = self.engine else { return }
        switch self.lifecycle.received() {
        case .handshake:
            engine.receive(self.unwrapInboundIn(data))
            self.shakeHands(context, engine)
            switch self.lifecycle.received() {
            case .decrypt: self.decrypt(context, engine)
            case .keep, .handshake: break
            case .discard: engine.discardReceived()
            }
        case .decrypt:
            engine.receive(self.unwrapInboundIn(data))
            self.decrypt(context, engine)
        case .keep:
            engine.receive(self.unwrapInboundIn(data))
        case .discard:
            break
        }
    }

    /// Passes on the end of a burst that held plaintext, and asks for more after one that did not.
    public func channelReadComplete(context: ChannelHandlerContext) {
        if self.hasDelivered {
            self.hasDelivered = false
            context.fireChannelReadComplete()
        } else if self.isReadAsked || self.lifecycle.isHandshaking, !self.isTransportInputEnded {
            // What came was no plaintext, so whoever waits for some goes on waiting.
            context.read()
        }
    }

    /// Passes on events, but for the transport's `inputClosed`, which tells nothing about TLS.
    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let channelEvent = event as? ChannelEvent, channelEvent == .inputClosed else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        self.transportInputEnded(context)
    }

    private func shakeHands(_ context: ChannelHandlerContext, _ engine: TLSEngine) {
        do throws(TLSError) {
            guard let completed = try engine.handshake() else {
                self.sendOutgoing(context, engine, promise: nil)
                return
            }
            switch self.lifecycle.handshakeCompleted() {
            case .send:
                self.encryptFlushed(context, engine)
                context.fireUserInboundEventTriggered(completed)
            case .sendAndEndOutput:
                let promise = self.endOutputPromise
                self.endOutputPromise = nil
                self.endOutput(context, engine, promise: promise)
                context.fireUserInboundEventTriggered(completed)
            case .nothing:
                break
            }
        } catch {
            self.fail(context, error)
        }
    }

    /// Decrypts what the engine received and hands it up, then what follows from it.
    private func decrypt(_ context: ChannelHandlerContext, _ engine: TLSEngine) {
        var plaintext = context.channel.allocator.buffer(capacity: engine.plaintextBound)
        var outcome = TLSEngine.ReadOutcome.wantsInput
        var failure: TLSError?
        do throws(TLSError) {
            outcome = try engine.read(into: &plaintext)
        } catch {
            failure = error
        }
        if plaintext.readableBytes > 0 {
            self.isReadAsked = false
            self.hasDelivered = true
            context.fireChannelRead(self.wrapInboundOut(plaintext))
        }
        // Whoever got the plaintext may have written, read or closed: all that follows asks the lifecycle again.
        if let failure {
            self.fail(context, failure)
            return
        }
        self.sendOutgoing(context, engine, promise: nil)
        switch outcome {
        case .wantsInput:
            break
        case .inputEnded:
            switch self.lifecycle.inputEnded() {
            case .tell: context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            case .nothing: break
            }
        }
    }

    private func transportInputEnded(_ context: ChannelHandlerContext) {
        self.isTransportInputEnded = true
        switch self.lifecycle.transportInputEnded() {
        case .failHandshake:
            self.fail(
                context,
                .handshakeFailed(reason: "the peer closed the connection during the TLS handshake")
            )
        case .tellTruncated:
            context.fireErrorCaught(TLSError.truncated)
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        case .nothing:
            break
        }
    }

    // MARK: - Outbound

    /// Asks for ciphertext until there is plaintext.
    public func read(context: ChannelHandlerContext) {
        self.isReadAsked = true
        context.read()
    }

    /// Keeps plaintext until it is flushed.
    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch self.lifecycle.write() {
        case .take: self.pending.append(self.unwrapOutboundIn(data), promise: promise)
        case .refuseOutputEnded: promise?.fail(ChannelError.outputClosed)
        case .refuseClosed: promise?.fail(ChannelError.ioOnClosedChannel)
        }
    }

    /// Encrypts what was written and sends it as one buffer, now or after the handshake.
    public func flush(context: ChannelHandlerContext) {
        self.pending.flush()
        switch self.lifecycle.flush() {
        case .encrypt:
            if let engine = self.engine {
                self.encryptFlushed(context, engine)
            }
        case .hold:
            break
        }
    }

    /// Ends one direction or both, with close_notify.
    public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output:
            switch self.lifecycle.endOutput() {
            case .sendCloseNotify:
                if let engine = self.engine {
                    self.endOutput(context, engine, promise: promise)
                }
            case .later: self.endOutputPromise = promise ?? context.eventLoop.makePromise()
            case .refuse: promise?.fail(ChannelError.outputClosed)
            case .passOn: context.close(mode: .output, promise: promise)
            }
        case .input:
            _ = self.lifecycle.inputEnded()
            context.close(mode: .input, promise: promise)
        case .all:
            switch self.lifecycle.close() {
            case .sendCloseNotify:
                if let engine = self.engine {
                    try? engine.endOutput()
                    self.sendOutgoing(context, engine, promise: nil)
                }
            case .nothing:
                break
            }
            self.failPending(ChannelError.ioOnClosedChannel)
            context.close(mode: .all, promise: promise)
        }
    }

    private func encryptFlushed(_ context: ChannelHandlerContext, _ engine: TLSEngine) {
        var promise: EventLoopPromise<Void>?
        do throws(TLSError) {
            try self.pending.encryptFlushed(with: engine, allocator: context.channel.allocator, promise: &promise)
            self.sendOutgoing(context, engine, promise: promise)
        } catch {
            self.fail(context, error)
            promise?.fail(error)
        }
    }

    /// Sends what was written and close_notify, and closes the transport's output once they are gone: a transport whose
    /// input has ended would turn it into a full close that drops what is not yet sent.
    private func endOutput(_ context: ChannelHandlerContext, _ engine: TLSEngine, promise: EventLoopPromise<Void>?) {
        self.pending.flush()
        var writePromise: EventLoopPromise<Void>?
        do throws(TLSError) {
            try self.pending.encryptFlushed(with: engine, allocator: context.channel.allocator, promise: &writePromise)
            try engine.endOutput()
        } catch {
            self.fail(context, error)
            writePromise?.fail(error)
            promise?.fail(error)
            return
        }
        let sent = writePromise ?? context.eventLoop.makePromise()
        self.sendOutgoing(context, engine, promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success: context.close(mode: .output, promise: promise)
            case .failure(let error): promise?.fail(error)
            }
        }
    }

    private func sendOutgoing(_ context: ChannelHandlerContext, _ engine: TLSEngine, promise: EventLoopPromise<Void>?) {
        let outgoing = engine.takeOutgoing()
        guard outgoing.readableBytes > 0 || promise != nil else { return }
        context.writeAndFlush(self.wrapOutboundOut(outgoing), promise: promise)
    }

    // MARK: - Failure

    private func fail(_ context: ChannelHandlerContext, _ error: TLSError) {
        switch self.lifecycle.failed() {
        case .tell:
            if let engine = self.engine {
                self.sendOutgoing(context, engine, promise: nil)
            }
            self.failPending(error)
            context.fireErrorCaught(error)
            context.close(mode: .all, promise: nil)
        case .nothing:
            break
        }
    }

    private func failPending(_ error: any Error) {
        let promises = self.pending.removeAll()
        let endOutputPromise = self.endOutputPromise
        self.endOutputPromise = nil
        for promise in promises {
            promise.fail(error)
        }
        endOutputPromise?.fail(error)
    }
}
