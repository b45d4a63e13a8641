// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

@testable import WebSocketCore

/// RFC 6455 §5 said frame by frame and as plainly as can be, to hold ``FrameReader`` against.
struct ReferenceReader {
    enum State: Hashable {
        case betweenMessages
        /// Between two frames of a message.
        case insideMessage(Message)
        /// Inside a frame that came inside this message, or outside of any.
        case insideFrame(WireFrame, inside: Message?)
        case closed
        /// To be told to the peer with this code.
        case failed(CloseCode)
    }

    struct Message: Hashable {
        var isText: Bool
        /// The bytes of a character that is cut.
        var cut: [UInt8] = []
    }

    enum Event: Equatable {
        case part(isText: Bool, [UInt8], isFirst: Bool, isFinal: Bool)
        case ping([UInt8])
        case pong([UInt8])
        case close(CloseReason?)
    }

    /// A rule that a frame breaks, and the byte that shows it.
    struct Breach {
        var byte: Int
        var violation: ProtocolViolation
    }

    enum Reading {
        case events([Event], State)
        /// Any of these, which one byte shows; and what came before it in the frame.
        case violation([ProtocolViolation], byte: Int, before: [Event])
    }

    let role: Role

    /// What a frame, or the part of it that is there, means.
    func read(_ frame: WireFrame, inside message: Message?) -> Reading {
        let breaches = self.breaches(of: frame, inside: message)
        if let byte = breaches.map(\.byte).min() {
            // Where only the end is wrong, the last byte is not.
            let isOnlyCut = breaches.contains { $0.byte == byte && $0.violation == .incompleteText }
            let fine = frame.payload.prefix(max(0, byte - frame.header.count + (isOnlyCut ? 1 : 0)))
            let before = fine.isEmpty ? [] : self.parts(Array(fine), of: frame, inside: message, isFinal: false)
            return .violation(breaches.filter { $0.byte == byte }.map(\.violation), byte: byte, before: before)
        }
        let isWhole = frame.missing == 0
        let events: [Event]
        let next: State
        switch frame.opcode {
        case 8 where isWhole:
            return .events([.close(Self.reason(frame.payload))], .closed)
        case 9 where isWhole:
            events = [.ping(frame.payload)]
            next = Self.between(message)
        case 10 where isWhole:
            events = [.pong(frame.payload)]
            next = Self.between(message)
        case 0...2:
            events = self.parts(frame.payload, of: frame, inside: message, isFinal: isWhole && frame.isFinal)
            var after = message ?? Message(isText: frame.opcode == 1)
            if after.isText { after.cut = Self.scanned(after.cut + frame.payload).cut }
            next = frame.isFinal ? .betweenMessages : .insideMessage(after)
        default:
            events = []
            next = .closed
        }
        return .events(events, isWhole ? next : .insideFrame(frame, inside: message))
    }

    private static func between(_ message: Message?) -> State {
        message.map { .insideMessage($0) } ?? .betweenMessages
    }

    /// An empty piece counts only where it begins or ends its message.
    private func parts(_ bytes: [UInt8], of frame: WireFrame, inside message: Message?, isFinal: Bool) -> [Event] {
        guard !frame.isControl else { return [] }
        let isText = message?.isText ?? (frame.opcode == 1)
        let isFirst = message == nil
        return bytes.isEmpty && !isFirst && !isFinal
            ? [] : [.part(isText: isText, bytes, isFirst: isFirst, isFinal: isFinal)]
    }

    /// Every rule that the bytes that are there break.
    private func breaches(of frame: WireFrame, inside message: Message?) -> [Breach] {
        var breaches: [Breach] = []
        func add(_ violation: ProtocolViolation, at byte: Int) {
            breaches.append(Breach(byte: byte, violation: violation))
        }
        // §5.2: bits without a meaning. §5.4: fragments. §5.5: control frames are whole.
        if frame.reservedBits != 0 { add(.reservedBits(frame.reservedBits), at: 0) }
        if let opcode = Opcode(rawValue: frame.opcode) {
            if frame.isControl, !frame.isFinal { add(.fragmentedControlFrame(opcode), at: 0) }
            if frame.opcode == 0, message == nil { add(.unexpectedContinuation, at: 0) }
            if frame.opcode == 1 || frame.opcode == 2, message != nil { add(.interruptedMessage(by: opcode), at: 0) }
            // §5.5: and short.
            if frame.isControl, frame.hasLongLength { add(.longControlFrame(opcode), at: 1) }
        } else {
            add(.unknownOpcode(frame.opcode), at: 0)
        }
        // §5.1: clients mask, servers don't.
        if frame.isMasked, self.role == .client { add(.maskedFrame, at: 1) }
        if !frame.isMasked, self.role == .server { add(.unmaskedFrame, at: 1) }
        // §5.2: the length in as few bytes as it fits.
        let length = UInt64(frame.length)
        switch frame.lengthForm {
        case .shortest: break
        case .twoBytes: if length < 126 { add(.lengthNotShortest(length), at: 3) }
        case .eightBytes: if length < 65_536 { add(.lengthNotShortest(length), at: 9) }
        case .eightBytesOver63Bits: add(.lengthOver63Bits, at: 2)
        }
        let start = frame.header.count
        let end = start + frame.length - 1
        switch frame.opcode {
        case 0 where message?.isText == true, 1:
            // §8.1
            let (bad, cut) = Self.scanned((message?.cut ?? []) + frame.payload)
            if let bad { add(.invalidText, at: start + bad - (message?.cut.count ?? 0)) }
            if bad == nil, !cut.isEmpty, frame.isFinal, frame.missing == 0 { add(.incompleteText, at: end) }
        case 8:
            // §5.5.1, §7.4. That one byte is no code is known once the header has ended.
            if frame.length == 1 { add(.shortClosePayload, at: start - 1) }
            guard frame.length > 1, frame.missing == 0 else { break }
            let code = UInt16(frame.payload[0]) << 8 | UInt16(frame.payload[1])
            let isAllowed = (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
            if !isAllowed { add(.invalidCloseCode(CloseCode(rawValue: code)), at: end) }
            if !Self.isUTF8(Array(frame.payload.dropFirst(2))) { add(.invalidCloseReason, at: end) }
        default: break
        }
        return breaches
    }

    private static func reason(_ payload: [UInt8]) -> CloseReason? {
        guard payload.count > 1 else { return nil }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        return CloseReason(code, String(decoding: payload.dropFirst(2), as: UTF8.self))
    }

    // MARK: UTF-8, by the standard library

    /// The index of the first byte that no text has there, or the bytes of the character that the text ends inside.
    private static func scanned(_ text: [UInt8]) -> (bad: Int?, cut: [UInt8]) {
        var cut: [UInt8] = []
        for (index, byte) in text.enumerated() {
            cut.append(byte)
            if self.isUTF8(cut) {
                cut = []
            } else if !self.completions.contains(where: { self.isUTF8(cut + $0) }) {
                return (index, [])
            }
        }
        return (nil, cut)
    }

    private static func isUTF8(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// One of these ends each character that is cut: E0 takes A0 and up, F0 90 and up, ED and F4 80.
    private static let completions: [[UInt8]] = [0x80, 0x90, 0xA0].flatMap { second in
        (0...2).map { [UInt8(second)] + [UInt8](repeating: 0x80, count: $0) }
    }
}
