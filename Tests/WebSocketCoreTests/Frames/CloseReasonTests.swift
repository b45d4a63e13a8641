// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import WebSocketCore

@Suite("Close codes and reasons, RFC 6455 §5.5.1, §7.4")
struct CloseReasonTests {
    private static let sendable: [ClosedRange<UInt16>] = [1000...1003, 1007...1014, 3000...4999]

    private func decoded(_ bytes: [UInt8]) -> Result<CloseReason?, ProtocolViolation> {
        do throws(ProtocolViolation) {
            return .success(try CloseReason.decoded(buffer(bytes)))
        } catch {
            return .failure(error)
        }
    }

    @Test func everyCodeIsTakenOrRefusedAsTheRegistrySays() {
        var wrong: [UInt16] = []
        for number in UInt16.min...UInt16.max {
            let isSendable = Self.sendable.contains { $0.contains(number) }
            let code = CloseCode(rawValue: number)
            let expected: Result<CloseReason?, ProtocolViolation> =
                isSendable ? .success(CloseReason(code)) : .failure(.invalidCloseCode(code))
            let decoded = self.decoded([UInt8(number >> 8), UInt8(number & 0xFF)])
            if code.isSendable != isSendable || decoded != expected { wrong.append(number) }
        }
        #expect(wrong == [])
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] as [UInt16])
    func autobahn7_9InvalidCodesAreRefused(number: UInt16) {
        let close = frame(.close, buffer([UInt8(number >> 8), UInt8(number & 0xFF)]))
        #expect(hear([close]) == [.violation(.invalidCloseCode(CloseCode(rawValue: number)))])
    }

    @Test func emptyIsNoReasonAndOneByteIsRefused() {
        #expect(self.decoded([]) == .success(nil))
        #expect(self.decoded([3]) == .failure(.shortClosePayload))
    }

    @Test func theTextMustBeUTF8() {
        #expect(self.decoded([3, 0xE8] + Array("µ".utf8)) == .success(CloseReason(.normal, "µ")))
        #expect(self.decoded([3, 0xE8, 0xC2]) == .failure(.invalidCloseReason))
        #expect(self.decoded([3, 0xE8, 0xCE, 0xBA, 0xED, 0xA0, 0x80]) == .failure(.invalidCloseReason))
    }

    @Test func aLongTextIsCutBetweenTwoCharacters() {
        #expect(CloseReason(.normal, String(repeating: "a", count: 123)).encoded.readableBytes == 125)
        #expect(CloseReason(.normal, String(repeating: "a", count: 124)).encoded.readableBytes == 125)
        for (character, kept) in [("µ", 122), ("漢", 123), ("🂡", 120)] {
            let encoded = CloseReason(.normal, String(repeating: character, count: 100)).encoded
            #expect(encoded.readableBytes == 2 + kept)
            #expect(
                self.decoded(encoded.array)
                    == .success(CloseReason(.normal, String(repeating: character, count: kept / character.utf8.count)))
            )
        }
    }

    @Test func codesThatMustNotBeSentAreNot() {
        #expect(CloseReason(.noStatus, "x").encoded.readableBytes == 0)
        #expect(CloseReason(.abnormal).encoded.readableBytes == 0)
        #expect(CloseReason(.badGateway).encoded.array == [0x03, 0xF6])
    }

    @Test func descriptionsNameTheCode() {
        #expect("\(CloseCode.protocolError)" == "1002 (protocol error)")
        #expect("\(CloseCode(rawValue: 4000))" == "4000")
        #expect("\(CloseReason(.goingAway))" == "1001 (going away)")
        #expect("\(CloseReason(.goingAway, "b\u{1B}[31mye\n"))" == "1001 (going away): \"b\\u{1b}[31mye\\u{a}\"")
        #expect("\(CloseReason(.normal, String(repeating: "x", count: 101)))".hasSuffix("xx…\""))
    }
}
