// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import WebSocketCore

/// Every state that a reader can reach by the frames below, breadth first, each met with every frame and held against
/// ``ReferenceReader``: which events, which violation, at which byte.
struct FrameReaderWalk {
    private typealias State = ReferenceReader.State
    private typealias Event = ReferenceReader.Event

    /// A state by the frame that led there: the reader may not remember more of it than the reference does.
    private struct Node: Hashable {
        var state: State
        var opcode: UInt8?
        var wasCut = false

        init(_ state: State, after frame: WireFrame? = nil, wasCut: Bool = false) {
            self.state = state
            switch state {
            case .betweenMessages, .insideMessage:
                self.opcode = frame?.opcode
                self.wasCut = wasCut
            case .insideFrame, .closed, .failed: break
            }
        }
    }

    /// A node with the reader that is in it, and what it failed with.
    private struct Reached {
        var node: Node
        var reader: FrameReader
        var violation: ProtocolViolation?
    }

    /// What a reader made of some bytes.
    private struct Heard {
        var events: [Event] = []
        var violation: ProtocolViolation?
        /// How many bytes it had been given by then.
        var given = 0
    }

    private struct Input {
        let whole: ByteBuffer
        /// Byte by byte, but for what lies between the header with some of the payload, and the last byte.
        let pieces: [ByteBuffer]

        init(_ bytes: [UInt8]) {
            self.whole = buffer(bytes)
            let front = bytes.prefix(20)
            let rest = bytes.dropFirst(20)
            self.pieces = front.map { buffer([$0]) } + [rest.dropLast(), rest.suffix(1)].map { buffer(Array($0)) }
        }
    }

    let role: Role
    private let reference: ReferenceReader
    private(set) var states = 0
    private(set) var transitions = 0
    private(set) var differences: [String] = []

    init(role: Role) {
        self.role = role
        self.reference = ReferenceReader(role: role)
    }

    /// Empty, whole, cut, going on with what was cut, and bad as UTF-8; the longest for a control frame, and one more.
    private static let payloads: [[UInt8]] = [
        [], [0x61], [0xC3], [0xBC], [0xFF], [0xE2, 0x82], [UInt8](repeating: 0x61, count: 125),
        [UInt8](repeating: 0x61, count: 126),
    ]
    /// Close codes good and bad, with text good, bad and cut, and with the longest text.
    private static let closePayloads: [[UInt8]] = [
        [0x03, 0xE8], [0x03, 0xED], [0x03, 0xE8, 0x61], [0x03, 0xE8, 0xFF], [0x03, 0xE8, 0xC3], [0x03, 0xED, 0xFF],
        [0x03, 0xE8] + [UInt8](repeating: 0x61, count: 123),
    ]
    /// First bytes of payloads of two, and second ones.
    private static let firstBytes: [UInt8] = [0x61, 0xC3, 0xBC]
    private static let secondBytes: [UInt8] = [0x61, 0xC3, 0xBC, 0xE8, 0xED, 0xFF]

    private func frames() -> [WireFrame] {
        var frames: [WireFrame] = []
        for opcode in UInt8(0)...15 {
            for (isFinal, isMasked) in [(true, true), (true, false), (false, true), (false, false)] {
                for bits: UInt8 in [0, 4, 2] {
                    let frame = WireFrame(
                        opcode: opcode,
                        isFinal: isFinal,
                        reservedBits: bits,
                        isMasked: isMasked,
                        payload: []
                    )
                    frames += self.variants(of: frame)
                }
            }
        }
        return frames
    }

    private func variants(of frame: WireFrame) -> [WireFrame] {
        var variants: [WireFrame] = []
        // What the first two bytes forbid has no need of many payloads.
        let isForbidden =
            Opcode(rawValue: frame.opcode) == nil || frame.reservedBits != 0
            || frame.isMasked != (self.role == .server)
        let isClose = frame.opcode == 8
        let payloads = isForbidden ? [[]] : Self.payloads + (isClose ? Self.closePayloads : [])
        for payload in payloads {
            var whole = frame
            whole.payload = payload
            let forms = [0, 1, 125, 126].contains(payload.count) ? WireFrame.LengthForm.allCases : [.shortest]
            for form in isForbidden ? [.shortest] : forms {
                whole.lengthForm = form
                variants.append(whole)
            }
        }
        for byte in isForbidden ? [] : Self.firstBytes + (isClose ? [0x03] : []) {
            var cut = frame
            cut.payload = [byte]
            cut.missing = 1
            variants.append(cut)
        }
        return variants
    }

    mutating func run() {
        var queue = [Reached(node: Node(.betweenMessages), reader: FrameReader(role: self.role))]
        var seen: Set<Node> = [queue[0].node]
        let frames = self.frames().map { ($0, Input($0.bytes)) }
        var index = 0
        while index < queue.count {
            let here = queue[index]
            index += 1
            var reached: [Reached?] = []
            switch here.node.state {
            case .betweenMessages:
                reached = frames.map { frame, input in self.meet(frame, input, inside: nil, here) }
            case .insideMessage(let message):
                reached = frames.map { frame, input in self.meet(frame, input, inside: message, here) }
            case .insideFrame(let frame, let message):
                reached = Self.secondBytes.map { byte in self.end(frame, with: byte, inside: message, here) }
            case .closed, .failed:
                for (frame, input) in frames { self.meetTheEnd(frame, input, here) }
            }
            for next in reached.compactMap(\.self) where seen.insert(next.node).inserted { queue.append(next) }
        }
        self.states = seen.count
    }

    /// A frame from its first byte on.
    private mutating func meet(
        _ frame: WireFrame,
        _ input: Input,
        inside message: ReferenceReader.Message?,
        _ here: Reached
    ) -> Reached? {
        let expected = self.reference.read(frame, inside: message)
        return self.compare(here, input, expected, frame, "\(frame)")
    }

    /// The missing byte of a frame. The reference reads the frame again as a whole; what is told of it is the byte's.
    private mutating func end(
        _ frame: WireFrame,
        with byte: UInt8,
        inside message: ReferenceReader.Message?,
        _ here: Reached
    ) -> Reached? {
        var whole = frame
        whole.payload.append(byte)
        whole.missing = 0
        let expected: ReferenceReader.Reading
        switch self.reference.read(whole, inside: message) {
        case .events(let events, let next):
            let rest = events.map { event in
                guard case .part(let isText, _, _, let isFinal) = event else { return event }
                return .part(isText: isText, [byte], isFirst: false, isFinal: isFinal)
            }
            expected = .events(rest, next)
        case .violation(let violations, _, let before):
            // The byte itself may be fine, and only the end behind it wrong.
            let rest: [Event] =
                if case .part(let isText, whole.payload, _, _)? = before.last {
                    [.part(isText: isText, [byte], isFirst: false, isFinal: false)]
                } else {
                    []
                }
            expected = .violation(violations, byte: 0, before: rest)
        }
        let input = Input([whole.onWire(byte, at: frame.payload.count)])
        return self.compare(here, input, expected, frame, "\(byte) behind \(frame)")
    }

    /// Nothing counts after a Close, and a violation stays one.
    private mutating func meetTheEnd(_ frame: WireFrame, _ input: Input, _ here: Reached) {
        self.transitions += 1
        var reader = here.reader
        let heard = Self.hear([input.whole], by: &reader)
        if !heard.events.isEmpty || heard.violation != here.violation { self.differ(here, "\(frame)", heard) }
    }

    /// Gives the bytes in one go and in pieces.
    ///
    /// - Returns: what they lead to.
    private mutating func compare(
        _ here: Reached,
        _ input: Input,
        _ expected: ReferenceReader.Reading,
        _ frame: WireFrame,
        _ name: @autoclosure () -> String
    ) -> Reached? {
        self.transitions += 1
        var atOnce = here.reader
        var inPieces = here.reader
        let heard = [Self.hear([input.whole], by: &atOnce), Self.hear(input.pieces, by: &inPieces)]
        switch expected {
        case .events(let events, let next):
            for heard in heard where heard.events != events || heard.violation != nil {
                self.differ(here, name(), heard)
            }
            let node: Node
            if case .insideFrame = here.node.state {
                node = Node(next, after: frame, wasCut: true)
            } else {
                node = Node(next, after: frame)
            }
            return Reached(node: node, reader: atOnce)
        case .violation(let violations, let byte, let before):
            guard let violation = heard[0].violation, violations.contains(violation), heard[0].events == before,
                heard[1].violation == violation, heard[1].events == before, heard[1].given == byte + 1
            else {
                for heard in heard { self.differ(here, name(), heard) }
                return nil
            }
            return Reached(node: Node(.failed(violation.closeCode)), reader: inPieces, violation: violation)
        }
    }

    /// Reads, and joins the parts of a message.
    private static func hear(_ inputs: [ByteBuffer], by reader: inout FrameReader) -> Heard {
        var heard = Heard()
        do throws(ProtocolViolation) {
            for bytes in inputs {
                var input = bytes
                heard.given += bytes.readableBytes
                while let event = try reader.next(from: &input) { Self.add(event, to: &heard.events) }
            }
        } catch {
            heard.violation = error
        }
        return heard
    }

    private static func add(_ event: ReadEvent, to events: inout [Event]) {
        switch event {
        case .part(let part):
            let bytes = part.payload.clear().array
            if case .part(let isText, let earlier, let isFirst, false)? = events.last, !part.isFirst {
                events.removeLast()
                events.append(.part(isText: isText, earlier + bytes, isFirst: isFirst, isFinal: part.isFinal))
            } else {
                let isText = part.kind == .text
                events.append(.part(isText: isText, bytes, isFirst: part.isFirst, isFinal: part.isFinal))
            }
        case .ping(let payload): events.append(.ping(payload.bytes.array))
        case .pong(let payload): events.append(.pong(payload.bytes.array))
        case .close(let reason): events.append(.close(reason))
        }
    }

    private mutating func differ(_ here: Reached, _ name: String, _ heard: Heard) {
        guard self.differences.count < 10 else { return }
        self.differences.append("\(name) in \(here.node) gave \(heard)")
    }
}
