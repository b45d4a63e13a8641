// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import RelayCore
public import WebSocketCore

/// How a WebSocket broke after it was open.
public enum WebSocketError: Error, Sendable, CustomStringConvertible {
    /// The peer broke RFC 6455; it was told so with a Close.
    case violation(ProtocolViolation)
    /// The peer said that it failed.
    case closed(CloseReason)
    /// The peer closed before the last frame of a message whose end matters.
    case closedInsideMessage(CloseReason)
    /// TCP ended without a Close frame.
    case endedWithoutClose
    /// It answers no Close, and its kernel has not taken all that was sent.
    case notTaken
    /// Data after the end of its direction.
    case dataAfterEnd
    /// A message is longer than this, in bytes.
    case messageTooBig(limit: Int)
    /// No sign of life.
    case pingTimeout(after: Duration)
    /// Nothing left to compress or inflate with.
    case noMemory
    /// Text to be sent that is not UTF-8.
    case textNotUTF8
    /// A message to be sent that is not Base64.
    case notBase64

    /// As a log line shows it: the rule or event, and what to do or what was done.
    public var description: String {
        switch self {
        case .violation(let violation): "peer \(violation); closed with \(violation.closeCode.rawValue)"
        case .closed(let reason): "peer closed with \(reason) (see the log of the peer)"
        case .closedInsideMessage(let reason):
            "peer closed with \(reason) in the middle of a message (the rest of it is missing)"
        case .endedWithoutClose: "peer gone: the connection ended without a Close frame (RFC 6455 §7.1.5)"
        case .notTaken: "peer has not read all that was sent, and does not answer our Close (the rest may be lost)"
        case .dataAfterEnd: "peer sent data after the end of its direction (strait-half-close); closed with 1002"
        case .messageTooBig(let limit):
            "peer sent a message over the limit of \(limit.byteSizeDescription) (see --max-message); closed with 1009"
        case .pingTimeout(let time):
            "peer gone: no answer to a Ping within \(time.shortDescription) (see --ping-interval, --ping-timeout)"
        case .noMemory: "no memory for permessage-deflate (use fewer links, or leave --compressed out)"
        case .textNotUTF8: "the input is not UTF-8, so it can't be sent as text (use --binary)"
        case .notBase64: "the input is not Base64, so it can't be decoded for a message (leave --base64 out)"
        }
    }

    /// What the peer is told.
    var closeCode: CloseCode {
        switch self {
        case .violation(let violation): violation.closeCode
        case .dataAfterEnd: .protocolError
        case .messageTooBig: .messageTooBig
        case .closed, .closedInsideMessage, .endedWithoutClose, .notTaken, .pingTimeout, .noMemory, .textNotUTF8,
            .notBase64:
            .internalError
        }
    }
}
