// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What a Close frame says: a code, and a text for people (RFC 6455 §5.5.1).
public struct CloseReason: Equatable, Sendable {
    /// The code.
    public var code: CloseCode
    /// The text; often empty.
    public var reason: String

    /// A reason of this code and text.
    public init(_ code: CloseCode, _ reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// Decodes the payload of a Close frame; `nil` if it is empty.
    ///
    /// - Throws: `.shortClosePayload` for one byte; `.invalidCloseCode` for a code that must not be sent (§7.4);
    ///   `.invalidCloseReason` if the text is not UTF-8.
    public static func decoded(_ payload: ByteBuffer) throws(ProtocolViolation) -> CloseReason? {
        var payload = payload
        guard payload.readableBytes > 0 else { return nil }
        guard let number = payload.readInteger(as: UInt16.self) else { throw .shortClosePayload }
        let code = CloseCode(rawValue: number)
        guard code.isSendable else { throw .invalidCloseCode(code) }
        guard let reason = String(validating: payload.readableBytesView, as: UTF8.self) else {
            throw .invalidCloseReason
        }
        return CloseReason(code, reason)
    }

    /// The payload of a Close frame. A text over 123 bytes is cut between two characters. A code that must not be sent,
    /// such as 1005 or 1006, gives an empty payload: no reason.
    public var encoded: ByteBuffer {
        var payload = ByteBuffer()
        guard self.code.isSendable else { return payload }
        payload.writeInteger(self.code.rawValue)
        var room = FrameHeader.maximumShortLength - payload.readableBytes
        var text = ""
        for scalar in self.reason.unicodeScalars {
            room -= UTF8.width(scalar)
            guard room >= 0 else { break }
            text.unicodeScalars.append(scalar)
        }
        payload.writeString(text)
        return payload
    }
}

extension CloseReason: CustomStringConvertible {
    /// The code, and the text if there is one, quoted: `1001 (going away): "bye"`.
    public var description: String {
        self.reason.isEmpty ? "\(self.code)" : "\(self.code): \(quoted(self.reason))"
    }
}
