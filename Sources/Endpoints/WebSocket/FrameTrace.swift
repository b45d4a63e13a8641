// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import WebSocketCore

/// Each frame, as a log line without its payload (`-vv`), and with it in a trace.
struct FrameTrace {
    private let name: String
    private let log: Logger?
    private let trace: Trace?

    /// - Returns: `nil` when nobody wants to know.
    init?(name: String, log: Logger, trace: Trace?) {
        let isLogged = log.logLevel <= .trace
        guard isLogged || trace != nil else { return nil }
        self.name = name
        self.log = isLogged ? log : nil
        self.trace = trace
    }

    func sent(_ opcode: Opcode, _ payload: ByteBuffer, isFinal: Bool) {
        self.log?.trace("\(self.name): > \(opcode) \(payload.readableBytes) bytes\(isFinal ? "" : ", more to come")")
        self.trace?.frame(.sent, opcode, isFinal: isFinal, payload, of: self.name)
    }

    func sentClose(_ reason: CloseReason?) {
        self.log?.trace("\(self.name): > close \(reason.map { "\($0)" } ?? "without a code")")
        self.trace?.frame(.sent, .close, isFinal: true, reason?.encoded ?? ByteBuffer(), of: self.name)
    }

    /// Large frames come in parts, as the kernel hands them over.
    func received(_ event: ReadEvent) {
        switch event {
        case .part(let part):
            let bytes = part.payload.bytes.readableBytes
            self.log?.trace("\(self.name): < \(part.kind) \(bytes) bytes\(part.isFinal ? "" : ", more to come")")
            let opcode: Opcode =
                switch part.kind {
                case .text: part.isFirst ? .text : .continuation
                case .binary: part.isFirst ? .binary : .continuation
                }
            self.trace?.frame(.received, opcode, isFinal: part.isFinal, part.payload.clear(), of: self.name)
        case .ping(let payload):
            self.log?.trace("\(self.name): < ping \(payload.count) bytes")
            self.trace?.frame(.received, .ping, isFinal: true, payload.bytes, of: self.name)
        case .pong(let payload):
            self.log?.trace("\(self.name): < pong \(payload.count) bytes")
            self.trace?.frame(.received, .pong, isFinal: true, payload.bytes, of: self.name)
        case .close(let reason):
            self.log?.trace("\(self.name): < close \(reason.map { "\($0)" } ?? "without a code")")
            self.trace?.frame(.received, .close, isFinal: true, reason?.encoded ?? ByteBuffer(), of: self.name)
        }
    }
}
