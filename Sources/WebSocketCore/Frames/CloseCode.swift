// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Why a WebSocket is closed, as a number (RFC 6455 §7.4).
public struct CloseCode: RawRepresentable, Hashable, Sendable {
    /// The number.
    public let rawValue: UInt16

    /// The code of this number, whether a peer may send it or not.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The purpose is fulfilled.
    public static let normal = CloseCode(rawValue: 1000)
    /// The server goes down, or the user left the page.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// The peer broke the protocol.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// The peer sent a kind of message that cannot be taken.
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// The Close frame held no code. Never sent.
    public static let noStatus = CloseCode(rawValue: 1005)
    /// The connection ended without a Close frame. Never sent.
    public static let abnormal = CloseCode(rawValue: 1006)
    /// The message's content does not fit its kind: bad UTF-8 in a text.
    public static let invalidPayload = CloseCode(rawValue: 1007)
    /// The message breaks a rule of its receiver.
    public static let policyViolation = CloseCode(rawValue: 1008)
    /// The message is too big to be taken.
    public static let messageTooBig = CloseCode(rawValue: 1009)
    /// The server did not agree to an extension that the client needs.
    public static let mandatoryExtension = CloseCode(rawValue: 1010)
    /// Something unexpected keeps the sender from going on.
    public static let internalError = CloseCode(rawValue: 1011)
    /// The server restarts.
    public static let serviceRestart = CloseCode(rawValue: 1012)
    /// The server is overloaded.
    public static let tryAgainLater = CloseCode(rawValue: 1013)
    /// A gateway got a bad answer from the server behind it.
    public static let badGateway = CloseCode(rawValue: 1014)

    /// Whether a Close frame may carry the code: RFC 6455 §7.4.2 and the IANA registry, as of 1014.
    public var isSendable: Bool {
        switch self.rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

extension CloseCode: CustomStringConvertible {
    /// The number and, for a known one, its name: `1002 (protocol error)`.
    public var description: String {
        guard let name = self.name else { return "\(self.rawValue)" }
        return "\(self.rawValue) (\(name))"
    }

    private var name: String? {
        switch self {
        case .normal: "normal"
        case .goingAway: "going away"
        case .protocolError: "protocol error"
        case .unsupportedData: "unsupported data"
        case .noStatus: "no status"
        case .abnormal: "abnormal"
        case .invalidPayload: "invalid payload"
        case .policyViolation: "policy violation"
        case .messageTooBig: "message too big"
        case .mandatoryExtension: "mandatory extension"
        case .internalError: "internal error"
        case .serviceRestart: "service restart"
        case .tryAgainLater: "try again later"
        case .badGateway: "bad gateway"
        default: nil
        }
    }
}
