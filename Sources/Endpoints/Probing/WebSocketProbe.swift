// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore
import WebSocketCore

/// A client's open WebSocket that is no end of a link: to see what its peer, and what stands between, make of frames.
///
/// `@unchecked Sendable` holds because all members are used on the event loop of its stream only.
public final class WebSocketProbe: @unchecked Sendable {
    /// What has come from the peer.
    public enum Event: Equatable, Sendable {
        /// The answer to the Ping of this number.
        case pong(UInt64)
        /// The peer asked for a sign of life, and got it.
        case ping
        /// So many bytes of a message.
        case data(Int)
        /// The peer has ended its direction (`strait-half-close`).
        case ended
        /// A Close frame; `code` is `nil` when it had none.
        case closed(code: UInt16?, description: String)
        /// The connection is gone, or of no use any more.
        case lost(String)
        /// Nothing, for as long as was asked.
        case silence
    }

    private let stream: ChannelStream
    private let executor: EventLoopExecutor
    private var reader = FrameReader(role: .client)
    private let writer = FrameWriter(role: .client)
    private var maskKeys = MaskKeys()
    private var input = ByteBuffer()
    private var pings: UInt64 = 0
    private var hasSentClose = false

    /// How long the peer may take to end TCP.
    private static let patience = Duration.seconds(1)
    /// What most services take for nothing.
    private static let filler = UInt8(ascii: "\n")

    init(stream: ChannelStream, executor: EventLoopExecutor) {
        self.stream = stream
        self.executor = executor
    }

    /// How many of our bytes the peer's kernel has taken so far, or nearly so.
    public var acknowledgedBytes: Int { self.stream.acknowledgedBytes }

    // MARK: Sending

    /// - Returns: the number of the Pong to wait for.
    public func sendPing() -> UInt64 {
        self.pings += 1
        let payload = ControlPayload(ByteBuffer(integer: self.pings)) ?? ControlPayload()
        self.send { $0.writePing(payload, maskKey: $1, to: &$2) }
        return self.pings
    }

    /// One binary message of `count` line feeds, in one frame.
    public func sendMessage(bytes count: Int) {
        let payload = ByteBuffer(repeating: Self.filler, count: count)
        self.send { $0.writeFrame(opcode: .binary, payload: payload, maskKey: $1, to: &$2) }
    }

    /// The first Close: nothing can be sent after it.
    public func sendClose() {
        guard !self.hasSentClose else { return }
        self.send { $0.writeClose(CloseReason(.normal), maskKey: $1, to: &$2) }
        self.hasSentClose = true
    }

    private func send(_ write: (FrameWriter, MaskKey, inout ByteBuffer) -> Void) {
        guard !self.hasSentClose else { return }
        var frame = ByteBuffer()
        write(self.writer, self.maskKeys.next(), &frame)
        // A dead connection shows when it is read.
        try? self.stream.send(frame, flush: true)
    }

    // MARK: Receiving

    /// Waits for what the peer says next, at most for `time`. Pings are answered.
    public func next(within time: Duration) async -> Event {
        let cancel = self.executor.schedule(after: time) { self.stream.interrupt() }
        defer { cancel() }
        do {
            while true {
                while let event = try self.reader.next(from: &self.input) {
                    if let told = self.take(event) { return told }
                }
                guard let bytes = try await self.stream.read() else {
                    return .lost("the connection ended without a Close frame")
                }
                self.input = bytes
            }
        } catch is CancellationError {
            return .silence
        } catch let violation as ProtocolViolation {
            return .lost("peer \(violation)")
        } catch {
            return .lost("\(error)")
        }
    }

    private func take(_ event: ReadEvent) -> Event? {
        switch event {
        case .part(let part):
            return part.isWholeEmptyBinary ? .ended : .data(part.payload.bytes.readableBytes)
        case .ping(let payload):
            self.send { $0.writePong(payload, maskKey: $1, to: &$2) }
            return .ping
        case .pong(let payload):
            // One that nobody asked for says nothing.
            return payload.bytes.getInteger(at: payload.bytes.readerIndex, as: UInt64.self).map(Event.pong)
        case .close(let reason):
            return .closed(code: reason?.code.rawValue, description: reason.map { "\($0)" } ?? "without a code")
        }
    }

    /// Ends TCP. Bytes that still come are thrown away.
    public func close() async {
        self.sendClose()
        self.stream.finish()
        self.stream.discard()
        await self.stream.waitForEnd(patience: Self.patience)
    }
}
