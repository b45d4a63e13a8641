// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import WebSocketCore

/// `--trace`: everything that happens, and everything that is sent and received at WebSockets, in curl's form.
public final class Trace: Sendable {
    private let file: DiagnosticFile
    private let hasHex: Bool
    private let hasTime: Bool

    /// - Parameters:
    ///   - hasHex: bytes are shown in hexadecimal, too.
    ///   - hasTime: each block begins with the time of day.
    public init(_ file: DiagnosticFile, hasHex: Bool, hasTime: Bool) {
        self.file = file
        self.hasHex = hasHex
        self.hasTime = hasTime
    }

    /// A line of the log.
    public func info(_ line: String) {
        var block = self.begin()
        block.writeString("== Info: \(line)\n")
        self.file.write(block)
    }

    /// Part of an HTTP head, or of a refusal's body. Secrets are blackened by then.
    func http(_ direction: Direction, _ what: String, _ bytes: ByteBuffer, of name: String) {
        self.write(direction, what, bytes, of: name)
    }

    /// A frame, or as much of it as came at a time; `payload` is clear.
    func frame(_ direction: Direction, _ opcode: Opcode, isFinal: Bool, _ payload: ByteBuffer, of name: String) {
        self.write(direction, "\(opcode) frame\(isFinal ? "" : ", more to come")", payload, of: name)
    }

    private func write(_ direction: Direction, _ what: String, _ bytes: ByteBuffer, of name: String) {
        var block = self.begin()
        let arrow =
            switch direction {
            case .sent: "=> Send"
            case .received: "<= Recv"
            }
        let count = bytes.readableBytes
        block.writeString("\(arrow) \(what), \(count) bytes (0x\(String(count, radix: 16))): \(name)\n")
        HexDump.write(bytes.readableBytesView, hasHex: self.hasHex, to: &block)
        self.file.write(block)
    }

    private func begin() -> ByteBuffer {
        var block = ByteBuffer()
        guard self.hasTime else { return block }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var local = tm()
        localtime_r(&now.tv_sec, &local)
        let microseconds = 1_000_000 + now.tv_nsec / 1000
        let parts = [local.tm_hour, local.tm_min, local.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }
        block.writeString("\(parts.joined(separator: ":")).\("\(microseconds)".dropFirst()) ")
        return block
    }
}
