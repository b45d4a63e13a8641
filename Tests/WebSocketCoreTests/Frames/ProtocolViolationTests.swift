// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketCore

@Suite("Violations, RFC 6455 §7.1.7, §7.4.1")
struct ProtocolViolationTests {
    private static let protocolErrors: [ProtocolViolation] = [
        .unknownOpcode(3), .reservedBits(5), .maskedFrame, .unmaskedFrame, .lengthNotShortest(1), .lengthOver63Bits,
        .fragmentedControlFrame(.ping), .longControlFrame(.close), .unexpectedContinuation,
        .interruptedMessage(by: .text),
        .shortClosePayload, .invalidCloseCode(.abnormal),
    ]
    private static let badPayloads: [ProtocolViolation] = [
        .invalidText, .incompleteText, .invalidCompression, .invalidCloseReason,
    ]

    @Test func badTextClosesWith1007AndTheRestWith1002() {
        for violation in Self.protocolErrors { #expect(violation.closeCode == .protocolError) }
        for violation in Self.badPayloads { #expect(violation.closeCode == .invalidPayload) }
    }

    @Test func eachNamesItsRule() {
        for violation in Self.protocolErrors + Self.badPayloads {
            let rfc = violation == .invalidCompression ? 7692 : 6455
            #expect("\(violation)".contains("(RFC \(rfc) §"))
        }
        #expect("\(ProtocolViolation.maskedFrame)" == "sent a masked frame (RFC 6455 §5.1)")
        #expect(
            "\(ProtocolViolation.longControlFrame(.ping))" == "sent a ping frame of more than 125 bytes (RFC 6455 §5.5)"
        )
        #expect("\(ProtocolViolation.reservedBits(5))".contains("RSV1, RSV3"))
        #expect("\(ProtocolViolation.invalidCloseCode(.abnormal))".contains("1006 (abnormal)"))
    }
}
