// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How the messages of a WebSocket stand in the byte stream at the other end of the link.
public struct MessageFormat: Hashable, Sendable {
    /// Where a message ends.
    public enum Boundary: Hashable, Sendable {
        /// At a newline.
        case newline
        /// At a byte of value 0.
        case null
        /// At the end of the stream: there is one message at most, and one that comes is enough.
        case endOfStream
    }

    /// What is sent is text (UTF-8), not binary.
    public var isText: Bool
    /// Where a message ends.
    public var boundary: Boundary
    /// A message stands there as Base64.
    public var isBase64: Bool

    /// Messages of this form; by default a line is a text.
    public init(isText: Bool = true, boundary: Boundary = .newline, isBase64: Bool = false) {
        self.isText = isText
        self.boundary = boundary
        self.isBase64 = isBase64
    }

    /// One message each way, then the link ends.
    public var isOneMessage: Bool { self.boundary == .endOfStream }

    /// The byte that ends a message in what is read; `nil`: only the end does.
    var separator: UInt8? {
        switch self.boundary {
        case .newline: UInt8(ascii: "\n")
        case .null: 0
        case .endOfStream: nil
        }
    }

    /// The byte that is written behind a message; a single binary message is written as it is.
    var terminator: UInt8? {
        switch self.boundary {
        case .newline: UInt8(ascii: "\n")
        case .null: 0
        case .endOfStream: self.isText || self.isBase64 ? UInt8(ascii: "\n") : nil
        }
    }
}
