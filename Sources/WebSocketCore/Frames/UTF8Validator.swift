// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Checks UTF-8 that comes in pieces (RFC 3629): no overlong form, no surrogate, nothing over U+10FFFF.
///
/// It fails at the first byte that no valid text can have there, as RFC 6455 §8.1 wants, not at the end of a character.
public struct UTF8Validator: Sendable {
    private enum State {
        /// Between two characters.
        case boundary
        /// Inside a character: `more` bytes are missing, and the next must lie in `low...high`.
        case inside(more: UInt8, low: UInt8, high: UInt8)
        /// A bad byte came. Final.
        case invalid
    }
    private var state = State.boundary

    /// A validator at the start of a text.
    public init() {}

    /// Whether the text may end here: it is valid so far, and no character is cut.
    public var isComplete: Bool {
        switch self.state {
        case .boundary: true
        case .inside, .invalid: false
        }
    }

    /// Takes the next piece of the text.
    ///
    /// - Returns: `false` if this piece or one before holds a bad byte.
    public mutating func consume(_ bytes: UnsafeRawBufferPointer) -> Bool {
        _ = self.validLength(of: bytes)
        return switch self.state {
        case .boundary, .inside: true
        case .invalid: false
        }
    }

    /// Takes the next piece of the text.
    ///
    /// - Returns: How many bytes of it come before the first bad one; all, if there is none.
    mutating func validLength(of bytes: UnsafeRawBufferPointer) -> Int {
        var index = 0
        while index < bytes.count {
            switch self.state {
            case .boundary:
                while bytes.count - index >= 8,
                    Self.isASCII(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                {
                    index += 8
                }
                guard index < bytes.count else { return index }
                self.state = Self.state(after: bytes[index])
                index += 1
            case .inside(let more, let low, let high):
                let byte = bytes[index]
                index += 1
                if byte < low || byte > high {
                    self.state = .invalid
                } else if more > 1 {
                    self.state = .inside(more: more - 1, low: 0x80, high: 0xBF)
                } else {
                    self.state = .boundary
                }
            case .invalid:
                return max(0, index - 1)
            }
        }
        switch self.state {
        case .boundary, .inside: return index
        case .invalid: return max(0, index - 1)
        }
    }

    /// The state after the first byte of a character (RFC 3629 §4).
    private static func state(after lead: UInt8) -> State {
        switch lead {
        case 0x00...0x7F: .boundary
        case 0xC2...0xDF: .inside(more: 1, low: 0x80, high: 0xBF)
        case 0xE0: .inside(more: 2, low: 0xA0, high: 0xBF)
        case 0xED: .inside(more: 2, low: 0x80, high: 0x9F)
        case 0xE1...0xEF: .inside(more: 2, low: 0x80, high: 0xBF)
        case 0xF0: .inside(more: 3, low: 0x90, high: 0xBF)
        case 0xF1...0xF3: .inside(more: 3, low: 0x80, high: 0xBF)
        case 0xF4: .inside(more: 3, low: 0x80, high: 0x8F)
        default: .invalid
        }
    }

    private static func isASCII(_ eightBytes: UInt64) -> Bool {
        eightBytes & 0x8080_8080_8080_8080 == 0
    }
}
