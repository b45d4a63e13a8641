// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Finds the end of an HTTP head in bytes as they come, and blackens the values of its secret fields: they keep their
/// length, and nothing else of them.
struct HeadScanner {
    private enum State {
        /// The first line; what it begins with so far.
        case startLine(ByteBuffer)
        /// At a field's name so far, in lower case.
        case name(ByteBuffer)
        /// In a field's value, whose first bytes may be spaces.
        case value(isSecret: Bool)
        /// Behind the empty line.
        case over
    }
    private var state = State.startLine(ByteBuffer())
    /// A switch to WebSocket follows, or may follow: it is a request, or an answer with status 101.
    private(set) var leadsToFrames = false

    /// Fields that hold what logs in.
    private static let secrets: Set<String> = ["authorization", "proxy-authorization", "cookie", "set-cookie"]
    private static let longestName = 32
    private static let blackened = UInt8(ascii: "*")

    var isOver: Bool {
        switch self.state {
        case .over: true
        case .startLine, .name, .value: false
        }
    }

    /// - Returns: what of `bytes` belongs to the head, blackened, and what lies behind it.
    mutating func scan(_ bytes: ByteBuffer) -> (head: ByteBuffer, rest: ByteBuffer) {
        var head = ByteBuffer()
        var rest = bytes
        while !self.isOver, let byte = rest.readInteger(as: UInt8.self) {
            head.writeInteger(self.take(byte))
        }
        return (head, rest)
    }

    /// - Returns: the byte to show.
    private mutating func take(_ byte: UInt8) -> UInt8 {
        switch (self.state, byte) {
        case (.startLine(let line), UInt8(ascii: "\n")):
            let text = String(buffer: line)
            self.leadsToFrames = !text.hasPrefix("HTTP/") || text.hasPrefix("HTTP/1.1 101")
            self.state = .name(ByteBuffer())
        case (.startLine(var line), _):
            if line.readableBytes < Self.longestName { line.writeInteger(byte) }
            self.state = .startLine(line)
        case (.name(let name), UInt8(ascii: "\n")):
            self.state = name.readableBytes == 0 ? .over : .name(ByteBuffer())
        case (.name, UInt8(ascii: "\r")):
            break
        case (.name(let name), UInt8(ascii: ":")):
            self.state = .value(isSecret: Self.secrets.contains(String(buffer: name)))
        case (.name(var name), _):
            let isUpperCase = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            if name.readableBytes < Self.longestName { name.writeInteger(isUpperCase ? byte | 0x20 : byte) }
            self.state = .name(name)
        case (.value, UInt8(ascii: "\n")):
            self.state = .name(ByteBuffer())
        case (.value(isSecret: true), _) where byte > 0x20:
            return Self.blackened
        case (.value, _), (.over, _):
            break
        }
        return byte
    }
}
