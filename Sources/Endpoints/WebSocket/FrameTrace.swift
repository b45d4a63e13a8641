// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import WebSocketCore

/// A log line for each frame (`-vv`); never with payload.
struct FrameTrace {
    let name: String
    let log: Logger

    func sent(_ opcode: Opcode, _ bytes: Int, isFinal: Bool) {
        self.log.trace("\(self.name): > \(opcode) \(bytes) bytes\(isFinal ? "" : ", more to come")")
    }

    func sentClose(_ reason: CloseReason?) {
        self.log.trace("\(self.name): > close \(reason.map { "\($0)" } ?? "without a code")")
    }

    /// Large frames come in parts, as the kernel hands them over.
    func received(_ event: ReadEvent) {
        switch event {
        case .part(let part):
            let bytes = part.payload.bytes.readableBytes
            self.log.trace("\(self.name): < \(part.kind) \(bytes) bytes\(part.isFinal ? "" : ", more to come")")
        case .ping(let payload):
            self.log.trace("\(self.name): < ping \(payload.count) bytes")
        case .pong(let payload):
            self.log.trace("\(self.name): < pong \(payload.count) bytes")
        case .close(let reason):
            self.log.trace("\(self.name): < close \(reason.map { "\($0)" } ?? "without a code")")
        }
    }
}
