// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import WebSocketCore

extension FuzzTarget {
    /// What a client may send: the server's frame reader.
    static let framesToServer = FuzzTarget(name: "frames-to-server") { { try FrameTarget.run($0, role: .server) } }
    /// What a server may send: the client's frame reader.
    static let framesToClient = FuzzTarget(name: "frames-to-client") { { try FrameTarget.run($0, role: .client) } }
}

enum FrameTarget {
    /// What a reader made of its input.
    private struct Heard: Equatable {
        enum Event: Equatable {
            case message(MessageKind, reservedBits: UInt8, [UInt8])
            case ping(ByteBuffer)
            case pong(ByteBuffer)
            case close(CloseReason?)
        }
        var events: [Event] = []
        /// Of a message that has not ended. Where text turns bad, how much of it came before depends on the cut.
        var unfinished: [UInt8]?
        var violation: ProtocolViolation?
    }

    /// A header is kept while it is incomplete, and a control frame's payload; nothing else.
    private static let heldLimit = 256

    static func run(_ bytes: [UInt8], role: Role) throws -> FuzzTarget.Verdict {
        var verdict = FuzzTarget.Verdict.accepted
        for allowedReservedBits in [UInt8(0), 7] {
            var first: Heard?
            for pieces in cuts(of: bytes) {
                let heard = try Self.hear(pieces, role: role, allowedReservedBits: allowedReservedBits)
                try promise(heard == first ?? heard, "a cut changes nothing: \(heard), not \(first as Any)")
                first = heard
            }
            // Without extensions, as the product is.
            if allowedReservedBits == 0, first?.violation != nil { verdict = .refused }
        }
        return verdict
    }

    private static func hear(_ pieces: [ByteBuffer], role: Role, allowedReservedBits: UInt8) throws -> Heard {
        var reader = FrameReader(role: role, allowedReservedBits: allowedReservedBits)
        var heard = Heard()
        var message: [UInt8]?
        var received = 0
        var delivered = 0
        for (index, piece) in pieces.enumerated() {
            var input = piece
            received += piece.readableBytes
            do throws(ProtocolViolation) {
                while let event = try reader.next(from: &input) {
                    switch event {
                    case .part(let part):
                        if part.isFirst != (message == nil) {
                            heard.unfinished = nil
                            return heard
                        }
                        var clear = ByteBuffer()
                        part.payload.write(to: &clear)
                        delivered += clear.readableBytes
                        // Taken out, or each part would copy all of the message.
                        var joined = message ?? []
                        message = nil
                        joined += clear.readableBytesView
                        if part.isFinal {
                            heard.events.append(.message(part.kind, reservedBits: part.reservedBits, joined))
                        } else {
                            message = joined
                        }
                    case .ping(let payload): heard.events.append(.ping(payload.bytes))
                    case .pong(let payload): heard.events.append(.pong(payload.bytes))
                    case .close(let reason): heard.events.append(.close(reason))
                    }
                }
            } catch {
                heard.violation = error
            }
            // Looking takes longer than all the rest.
            let isLooking = index % 8 == 0 || index == pieces.count - 1
            try Self.check(heard, rest: input, held: isLooking ? heldBytes(in: reader) : 0)
            try promise(delivered <= received, "no byte is made up")
            if heard.violation != nil { return heard }
        }
        heard.unfinished = message
        return heard
    }

    private static func check(_ heard: Heard, rest: ByteBuffer, held: Int) throws {
        try promise(held <= Self.heldLimit, "a reader holds at most \(Self.heldLimit) bytes, not \(held)")
        switch heard.events.last {
        case .message(.text, reservedBits: 0, let bytes):
            try promise(String(validating: bytes, as: UTF8.self) != nil, "a text is UTF-8: \(bytes)")
        case .ping(let payload), .pong(let payload):
            try promise(payload.readableBytes <= 125, "a control frame has at most 125 bytes")
        case .close(let reason?):
            try promise(reason.code.isSendable, "no \(reason) is taken")
            try promiseOneLine("\(reason)")
        case .message, .close(nil), nil:
            break
        }
        if let violation = heard.violation {
            try promiseOneLine("\(violation)")
            try promise([1002, 1007].contains(violation.closeCode.rawValue), "\(violation) has a close code")
        } else {
            try promise(rest.readableBytes == 0, "a reader takes all of its input")
        }
    }
}
