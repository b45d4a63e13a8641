// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import RelayCore
import WebSocketCore

/// A WebSocket as an end of a link: frames over a `ChannelStream`.
///
/// The end of a direction is an empty binary message where `strait-half-close` was agreed, else a Close frame.
///
/// `@unchecked Sendable` holds because all members are used on the link's event loop only.
final class WebSocketEndpoint: Endpoint, @unchecked Sendable {
    /// What the peer's direction has come to.
    private enum Incoming {
        case open
        /// By its marker or its Close.
        case ended
        case failed(any Error)
    }

    let name: String
    let carriesMessages = true
    private let role: Role
    private let options: WebSocketOptions
    private let stream: ChannelStream
    private let executor: EventLoopExecutor

    private var reader: FrameReader
    private var parts: PartCollector
    /// Where permessage-deflate was agreed, all parts go this way.
    private var compressed: CompressedParts?
    /// Of the last read, behind as many parts as may wait.
    private var untaken: ByteBuffer?
    private var incoming = Incoming.open
    /// The peer has begun a message and not ended it.
    private var isInsideMessage = false
    /// Reads control frames on after the peer's direction has ended.
    private var listener: Task<Void, Never>?
    private var isPumpReading = false
    private var messageLength = 0
    private var controlFrameRate: ControlFrameRate

    private let writer: FrameWriter
    private var fragmentation = Fragmentation()
    private let compressor: MessageCompressor?
    private var maskKeys = MaskKeys()
    /// Reused for each frame once the kernel has the last one.
    private var frame = ByteBuffer()
    private var pendingPong: ControlPayload?
    private var isPumpWriting = false

    private var closingHandshake: ClosingHandshake
    /// The peer's Close is answered when our own direction has ended.
    private var pendingReply: CloseReason??
    private var hasReceivedClose = false
    private var hasSentClose = false
    private var isAborted = false
    private var keepalive: Keepalive
    private let trace: FrameTrace?
    /// Counts what a client sends and gets.
    private let traffic: LoopTraffic?
    /// Gets a line about the Close at the end.
    private let closeLog: Logger?
    /// How much of a chunk goes into one frame.
    private let pieceLimit: Int
    private var framesSent: UInt64 = 0
    /// What the peer's Close says, once it has come.
    private var goodbye: CloseReason??
    private var cancelKeepalive: (@Sendable () -> Void)?

    /// Payload from this size on is sent from where it is; less is copied behind its header.
    private static let copyLimit = 4096
    /// So many parts may wait for the pump: each takes more than the few bytes that it may have come in.
    private static let waitingLimit = 1024
    /// TLS makes as much ciphertext of what is queued, and a little more: this makes less than 256 KiB.
    private static let encryptedAtOnce = 252 << 10
    /// How long a peer may be silent after our Close where its answer ends a direction.
    private static let closeTimeout = Duration.seconds(5)
    /// How long a peer that says and takes nothing may take to confirm the end of both directions.
    private static let closePatience = Duration.seconds(30)
    /// The same for the end of TCP, when only our last bytes have to arrive.
    private static let transportPatience = Duration.seconds(1)

    /// - Parameter log: gets a line for each frame at `trace`.
    init(
        name: String,
        role: Role,
        stream: ChannelStream,
        options: WebSocketOptions,
        executor: EventLoopExecutor,
        log: Logger
    ) {
        self.name = name
        self.trace = FrameTrace(name: name, log: log, trace: options.trace)
        self.traffic = role == .server ? executor.traffic : nil
        self.closeLog = options.printsClose ? log : nil
        self.pieceLimit = options.pieceLimit
        self.role = role
        self.options = options
        self.stream = stream
        self.executor = executor
        let compression = options.compression
        self.reader = FrameReader(
            role: role,
            allowedReservedBits: compression == nil ? 0 : FrameHeader.firstReservedBit
        )
        self.compressed = (compression?.received(by: role)).map(CompressedParts.init)
        self.compressor = (compression?.sent(by: role)).map(MessageCompressor.init)
        self.writer = FrameWriter(role: role)
        self.parts = PartCollector(keepsMessages: options.keepsMessages)
        self.closingHandshake = ClosingHandshake(role: role)
        self.controlFrameRate = ControlFrameRate(perSecond: options.controlFrameRate)
        self.keepalive = Keepalive(interval: options.pingInterval, timeout: options.pingTimeout)
        stream.onDrained = { [weak self] in self?.sendPendingPong() }
        self.scheduleKeepalive()
    }

    var closing: Closing {
        if self.options.halfClose { return .independent }
        // A peer without half-close may stop reading at our Close, and will not speak for long after it.
        let answer = Swift.max(self.options.linger, Self.closeTimeout)
        switch self.role {
        case .server: return .together(patience: .zero, answer: answer)
        case .client where self.options.endsWithInput: return .together(patience: .zero, answer: answer)
        case .client: return .together(patience: self.options.linger, answer: Self.closeTimeout)
        }
    }

    var undelivered: Int { self.isAborted ? 0 : self.stream.undeliveredBytes }

    var frames: FrameStatistics? {
        let goodbye = self.goodbye.map { $0.map { "\($0)" } ?? "without a code" }
        return FrameStatistics(sent: self.framesSent, received: self.reader.frameCount, goodbye: goodbye)
    }

    var onClosed: (@Sendable () -> Void)?

    var onOutputLost: (@Sendable (any Error) -> Void)? {
        didSet {
            self.stream.onLost = { [weak self] error in
                // After its Close the peer may go as it likes; it matters only if there is more to be sent.
                if let self, !self.hasReceivedClose { self.onOutputLost?(error) }
            }
        }
    }

    // MARK: Reading

    nonisolated(nonsending) func read() async throws -> Chunk? {
        while true {
            if let arrived = try self.arrived() { return arrived }
            try await self.receive(isPump: true)
        }
    }

    /// What the pump can be given now: a chunk, or `nil` at the end.
    ///
    /// Apart from `read`, as `take` and `queue` are from theirs, and never inlined: what a waiting task holds is most of
    /// the memory of an idle link.
    @inline(never)
    private func arrived() throws -> Chunk?? {
        while true {
            if let chunk = self.parts.next() { return .some(chunk) }
            if self.compressed != nil, self.inflate() { continue }
            switch self.incoming {
            case .open: return nil
            case .ended: return .some(nil)
            case .failed(let error): throw error
            }
        }
    }

    /// Takes what one read gives: all frames of it, so that a Ping behind data need not wait for the data's delivery, or
    /// as many as may wait.
    private nonisolated(nonsending) func receive(isPump: Bool) async throws {
        if let bytes = self.untaken.take() { return self.take(bytes) }
        self.isPumpReading = isPump
        defer { self.isPumpReading = false }
        guard let bytes = try await self.stream.read() else { return self.transportEnded() }
        self.take(bytes)
    }

    @inline(never)
    private func take(_ bytes: ByteBuffer) {
        var input = bytes
        let framesBefore = self.reader.frameCount
        do {
            while let event = try self.reader.next(from: &input) {
                self.handle(event)
                guard self.waitingCount < Self.waitingLimit else {
                    if input.readableBytes > 0 { self.untaken = input }
                    break
                }
            }
        } catch {
            self.fail(WebSocketError.violation(error))
        }
        self.traffic?.received(frames: self.reader.frameCount &- framesBefore)
        self.parts.finishBatch()
        self.stream.readsAgain = self.controlFrameRate.readsAgain
    }

    private var waitingCount: Int { self.parts.count + (self.compressed?.count ?? 0) }

    private func handle(_ event: ReadEvent) {
        self.trace?.received(event)
        switch event {
        case .part(let part):
            self.traffic?.received(bytes: part.payload.bytes.readableBytes)
            guard case .open = self.incoming else {
                // What is more than the one message that was wanted is no failure.
                return self.options.takesOneMessage ? () : self.fail(WebSocketError.dataAfterEnd)
            }
            guard self.compressed != nil || self.isWithinLimit(part) else {
                return self.fail(WebSocketError.messageTooBig(limit: self.options.messageLimit ?? 0))
            }
            if part.isWholeEmptyBinary, self.options.halfClose {
                self.incoming = .ended
                self.listen()
            } else {
                self.isInsideMessage = !part.isFinal
                if self.compressed == nil { self.parts.add(part) } else { self.compressed?.append(part) }
                if self.options.takesOneMessage, part.isFinal {
                    self.incoming = .ended
                    self.listen()
                }
            }
        case .ping(let payload):
            self.pendingPong = payload
            self.controlFrameRate.count(at: self.stream.lastRead)
            if self.stream.isDrained { self.sendPendingPong() }
        case .pong:
            self.controlFrameRate.count(at: self.stream.lastRead)
        case .close(let reason):
            self.received(reason)
        }
    }

    private func isWithinLimit(_ part: MessagePart) -> Bool {
        guard let limit = self.options.messageLimit else { return true }
        if part.isFirst { self.messageLength = 0 }
        self.messageLength &+= part.payload.bytes.readableBytes
        return self.messageLength <= limit
    }

    /// Makes a chunk of what came next, if the pump has had all before it.
    private func inflate() -> Bool {
        do throws(WebSocketError) {
            guard let part = try self.compressed?.next() else { return false }
            guard self.isWithinLimit(part) else { throw .messageTooBig(limit: self.options.messageLimit ?? 0) }
            self.parts.add(part)
            self.parts.finishBatch()
        } catch {
            self.compressed?.removeAll()
            // A Close that has come behind it is not the answer to it.
            if self.pendingReply != nil { self.pendingReply = .some(CloseReason(error.closeCode)) }
            // It came before whatever has been found out since.
            self.incoming = .failed(error)
        }
        return true
    }

    private func received(_ reason: CloseReason?) {
        self.hasReceivedClose = true
        self.goodbye = .some(reason)
        if case .reply(let reply) = self.closingHandshake.received(reason) { self.pendingReply = .some(reply) }
        if case .open = self.incoming, self.options.keepsMessages, self.isInsideMessage {
            // The other side would have to end a message that is not whole.
            self.incoming = .failed(WebSocketError.closedInsideMessage(reason ?? CloseReason(.noStatus)))
            return
        }
        switch reason?.code {
        case nil, .normal?:
            self.closedInOrder()
        case self.options.closeReason.code? where self.hasSentClose:
            // The answer to ours.
            self.closedInOrder()
        case .goingAway? where !self.options.halfClose:
            // A browser that leaves the page. A peer with half-close would have ended its direction first.
            self.closedInOrder()
        case .some:
            self.fail(WebSocketError.closed(reason ?? CloseReason(.noStatus)))
        }
    }

    private func closedInOrder() {
        if case .open = self.incoming { self.incoming = .ended }
        if self.options.halfClose { self.onClosed?() }
    }

    /// Nothing more comes, so nobody may wait for it. Without a Close that is a failure, also after the marker.
    private func transportEnded() {
        _ = self.closingHandshake.transportEnded()
        if !self.hasReceivedClose { self.fail(WebSocketError.endedWithoutClose) }
    }

    private var hasEndedInOrder: Bool {
        switch self.incoming {
        case .ended: true
        case .open, .failed: false
        }
    }

    private func fail(_ error: any Error) {
        switch self.incoming {
        case .open:
            self.incoming = .failed(error)
        case .ended:
            self.incoming = .failed(error)
            self.onOutputLost?(error)
        case .failed:
            break
        }
    }

    /// Answers Pings, and notices Close or a broken connection, while no pump reads any more.
    private func listen() {
        guard self.listener == nil else { return }
        self.listener = Task.detached(executorPreference: self.executor) {
            while self.isWaitingForClose {
                do {
                    try await self.receive(isPump: false)
                } catch {
                    return error is CancellationError ? () : self.fail(error)
                }
            }
        }
    }

    private var isWaitingForClose: Bool {
        if self.hasReceivedClose || self.isAborted { return false }
        switch self.incoming {
        case .open, .ended: return true
        case .failed: return false
        }
    }

    // MARK: Writing

    nonisolated(nonsending) func write(_ chunk: Chunk) async throws {
        if chunk.bytes.readableBytes > self.pieceLimit { return try await self.writePieces(of: chunk) }
        guard !self.isAborted else { throw CancellationError() }
        self.isPumpWriting = true
        defer { self.isPumpWriting = false }
        try self.queue(chunk)
        if !chunk.hasMore { try await self.stream.drain() }
    }

    @inline(never)
    private func queue(_ chunk: Chunk) throws {
        let kind = chunk.message?.isText == true ? MessageKind.text : .binary
        let isFinal = chunk.message?.isFinal ?? true
        let isEmptyMessage = isFinal && chunk.bytes.readableBytes == 0 && !self.fragmentation.isInsideMessage
        if isEmptyMessage && kind == .binary && self.options.halfClose {
            // An empty message that is not the end of the direction: two empty fragments.
            try self.send(
                ByteBuffer(),
                self.fragmentation.opcode(for: kind, isFinal: false),
                isFinal: false,
                flush: false
            )
        }
        let opcode = self.fragmentation.opcode(for: kind, isFinal: isFinal)
        if let compressor = self.compressor, !isEmptyMessage {
            let compressed = try compressor.compress(chunk.bytes, isMessageEnd: isFinal)
            let reservedBits = opcode == .continuation ? 0 : FrameHeader.firstReservedBit
            try self.send(compressed, opcode, isFinal: isFinal, reservedBits: reservedBits, flush: !chunk.hasMore)
        } else {
            try self.send(chunk.bytes, opcode, isFinal: isFinal, flush: !chunk.hasMore)
        }
    }

    /// A chunk that is longer than a frame may be: the frames of a message, or of a byte stream messages of their own.
    private nonisolated(nonsending) func writePieces(of chunk: Chunk) async throws {
        let batchLimit = self.stream.isBehindTLS ? Self.encryptedAtOnce : .max
        let pieceLimit = min(self.pieceLimit, batchLimit)
        var rest = chunk.bytes
        var queued = 0
        while let bytes = rest.readSlice(length: min(pieceLimit, rest.readableBytes)) {
            let isLast = rest.readableBytes == 0
            queued += bytes.readableBytes
            let waits = isLast || queued > batchLimit - pieceLimit
            if waits { queued = 0 }
            var piece = Chunk(bytes, message: chunk.message, hasMore: chunk.hasMore || !waits)
            if !isLast { piece.message?.isFinal = false }
            try await self.write(piece)
            if isLast { return }
        }
    }

    private func send(
        _ payload: ByteBuffer,
        _ opcode: Opcode,
        isFinal: Bool,
        reservedBits: UInt8 = 0,
        flush: Bool
    ) throws {
        self.framesSent &+= 1
        self.trace?.sent(opcode, payload, isFinal: isFinal)
        self.traffic?.sent(bytes: payload.readableBytes)
        self.frame.clear()
        guard payload.readableBytes >= Self.copyLimit else {
            self.writer.writeFrame(
                opcode: opcode,
                isFinal: isFinal,
                reservedBits: reservedBits,
                payload: payload,
                maskKey: self.maskKeys.next(),
                to: &self.frame
            )
            return try self.stream.send(self.frame, flush: flush)
        }
        let usedKey = self.writer.writeHeader(
            opcode: opcode,
            isFinal: isFinal,
            reservedBits: reservedBits,
            payloadLength: payload.readableBytes,
            maskKey: self.maskKeys.next(),
            to: &self.frame
        )
        // A chunk's bytes are its sink's alone, so they are masked where they are: a copy would need another 256 KiB of
        // cache.
        if let usedKey { payload.maskUnshared(with: usedKey) }
        try self.stream.send(self.frame, flush: false)
        try self.stream.send(payload, flush: flush)
    }

    private func sendPendingPong() {
        guard let payload = self.pendingPong, !self.hasSentClose else { return }
        self.pendingPong = nil
        self.framesSent &+= 1
        self.trace?.sent(.pong, payload.bytes, isFinal: true)
        var pong = ByteBuffer()
        self.writer.writePong(payload, maskKey: self.maskKeys.next(), to: &pong)
        // A dead connection is the pumps' to report.
        try? self.stream.send(pong, flush: true)
    }

    // MARK: Ending

    func finish() throws {
        if self.options.halfClose, self.pendingReply == nil {
            try self.send(ByteBuffer(), .binary, isFinal: true, flush: true)
        } else {
            self.sendClose(self.options.closeReason)
        }
    }

    /// Answers the peer's Close, or begins the closing handshake.
    private func sendClose(_ reason: CloseReason?) {
        let toSend: CloseReason?
        if let reply = self.pendingReply {
            toSend = reply
            self.pendingReply = nil
        } else if case .send(let first) = self.closingHandshake.close(reason) {
            toSend = first
        } else {
            return
        }
        guard !self.hasSentClose else { return }
        self.hasSentClose = true
        self.framesSent &+= 1
        self.trace?.sentClose(toSend)
        var close = ByteBuffer()
        self.writer.writeClose(toSend, maskKey: self.maskKeys.next(), to: &close)
        // If the connection is dead, waiting for the peer's Close will tell.
        try? self.stream.send(close, flush: true)
        _ = self.closingHandshake.sent()
    }

    func stop() {
        if self.isPumpReading || self.isPumpWriting { self.stream.stop() }
    }

    func abort(_ reason: AbortReason) {
        switch reason {
        case .failed:
            guard case .failed(let error as WebSocketError) = self.incoming else {
                self.stream.reset()
                break
            }
            self.sendClose(CloseReason(error.closeCode))
        case .left:
            break
        // A peer without half-close may take 1001 for an end in order.
        case .otherSideLeft where self.options.halfClose:
            self.sendClose(CloseReason(.goingAway, "the program behind the relay has ended"))
        case .otherSideLeft, .otherSideFailed:
            self.sendClose(CloseReason(.internalError, "the other side of the relay failed"))
        case .goingAway:
            self.sendClose(CloseReason(.goingAway))
        case .expired(let expiry):
            self.sendClose(CloseReason(.goingAway, "\(expiry)"))
        }
        if case .open = self.incoming { self.incoming = .failed(CancellationError()) }
        self.isAborted = true
        if self.awaitsAnswer {
            self.stream.interrupt()
        } else {
            self.stream.discard()
            self.stream.finish()
        }
    }

    /// A peer that has broken the protocol is not listened to any more (RFC 6455 §7.1.7).
    private var awaitsAnswer: Bool {
        switch self.incoming {
        case .failed(WebSocketError.violation), .failed(WebSocketError.dataAfterEnd): false
        case .open, .ended, .failed: self.hasSentClose && !self.hasReceivedClose
        }
    }

    /// After the Close of an abort, TCP must not end before the peer's Close has come: what stands between may answer our
    /// end with a reset, which destroys the bytes and the Close that are still on their way.
    private func awaitAnswer() async {
        await self.listener?.value
        guard self.awaitsAnswer else { return }
        let cancel = self.executor.schedule(after: Self.closeTimeout) { self.stream.stop() }
        let watch = StallWatch(self.stream, patience: self.options.abortPatience) { self.stream.stop() }
        defer {
            cancel()
            watch.cancel()
        }
        do {
            while !self.hasReceivedClose, var input = try await self.nextBytes() {
                while !self.hasReceivedClose, let event = try self.reader.next(from: &input) {
                    guard case .close(let reason) = event else { continue }
                    self.trace?.received(event)
                    self.hasReceivedClose = true
                    self.goodbye = .some(reason)
                    _ = self.closingHandshake.received(reason)
                }
            }
        } catch {}
    }

    private func nextBytes() async throws -> ByteBuffer? {
        if let bytes = self.untaken.take() { return bytes }
        return try await self.stream.read()
    }

    func close() async throws {
        self.cancelKeepalive?()
        let hasEndedInOrder = self.hasEndedInOrder
        switch self.incoming {
        case .ended where self.isAborted, .open where self.isAborted, .failed where self.isAborted:
            await self.awaitAnswer()
        case .ended where !self.hasReceivedClose:
            // With half-close, both directions have passed now; the client says so, and the server's answer says that
            // the other end has everything. It may have to wait for a slow reader there.
            let watch = StallWatch(self.stream, patience: Self.closePatience) { self.stream.stop() }
            if self.role == .client { self.sendClose(self.options.closeReason) }
            self.listen()
            await self.listener?.value
            watch.cancel()
        case .ended, .open, .failed:
            break
        }
        if self.pendingReply != nil { self.sendClose(nil) }
        let failure = hasEndedInOrder ? self.failureOfAnswer : nil
        // The server ends TCP first (RFC 6455 §7.1.1).
        switch self.role {
        case .server: self.stream.finish()
        case .client: break
        }
        self.stream.discard()
        await self.stream.waitForEnd(patience: self.isAborted ? self.options.abortPatience : Self.transportPatience)
        if let closeLog {
            switch self.closingHandshake.transportEnded() {
            case .clean(let reason), .unclean(let reason): closeLog.notice("\(self.name): closed with \(reason)")
            }
        }
        if let failure { throw failure }
        if !self.isAborted, !self.hasReceivedClose, self.stream.hasGivenUpDelivery { throw WebSocketError.notTaken }
    }

    /// What is wrong with the end of a link both of whose directions had ended in order before: only the peer's answer
    /// says that it has everything.
    private var failureOfAnswer: (any Error)? {
        switch self.incoming {
        case .failed(let error): error
        case .open, .ended: self.hasReceivedClose ? nil : WebSocketError.endedWithoutClose
        }
    }

    /// Gives its stream away before anything was read or written; of no use after that.
    func handOver() -> ChannelStream {
        self.cancelKeepalive?()
        self.stream.onDrained = nil
        return self.stream
    }

    // MARK: Keepalive

    private func scheduleKeepalive() {
        guard let delay = self.keepalive.firstDelay else { return }
        self.cancelKeepalive = self.executor.schedule(after: delay) { [weak self] in self?.keepaliveTick() }
    }

    private func keepaliveTick() {
        self.compressor?.rest()
        let action = self.keepalive.tick(
            at: .now(),
            lastRead: self.stream.lastRead,
            acknowledged: self.stream.acknowledgedBytes,
            readingSince: self.stream.readingSince
        )
        switch action {
        case .wait(let delay):
            self.cancelKeepalive = self.executor.schedule(after: delay) { [weak self] in self?.keepaliveTick() }
        case .ping(thenWait: let delay):
            if !self.hasSentClose {
                self.framesSent &+= 1
                self.trace?.sent(.ping, ByteBuffer(), isFinal: true)
                var ping = ByteBuffer()
                self.writer.writePing(maskKey: self.maskKeys.next(), to: &ping)
                // A dead connection is the pumps' to report.
                try? self.stream.send(ping, flush: true)
            }
            self.cancelKeepalive = self.executor.schedule(after: delay) { [weak self] in self?.keepaliveTick() }
        case .giveUp(let silence):
            self.stream.giveUp(WebSocketError.pingTimeout(after: silence))
        }
    }
}
