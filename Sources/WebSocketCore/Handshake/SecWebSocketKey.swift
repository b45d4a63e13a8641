// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The client's proof that it wants a WebSocket and no cached answer: 16 random bytes (RFC 6455 §4.1).
public struct SecWebSocketKey: Equatable, Sendable {
    /// The value of `Sec-WebSocket-Key`.
    public let headerValue: String

    /// A key of the 16 bytes of two random words.
    public init(_ first: UInt64, _ second: UInt64) {
        let bytes = [first, second].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
        }
        self.headerValue = Base64.encode(bytes)
    }

    /// The key that a client sent, or `nil` if it does not stand for 16 bytes.
    public init?(headerValue: String) {
        guard let bytes = Base64.decode(headerValue), bytes.count == 16 else { return nil }
        self.headerValue = headerValue
    }

    /// The value of `Sec-WebSocket-Accept` that only a WebSocket server would answer with (§4.2.2).
    public var accept: String {
        Base64.encode(SHA1.digest(Array((self.headerValue + Self.guid).utf8)))
    }

    private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
}
