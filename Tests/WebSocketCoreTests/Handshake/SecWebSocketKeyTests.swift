// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketCore

@Suite("Sec-WebSocket-Key, RFC 6455 §1.3, §4.1")
struct SecWebSocketKeyTests {
    @Test func theSampleNonceGivesTheSampleAnswer() {
        #expect(SecWebSocketKey(headerValue: "dGhlIHNhbXBsZSBub25jZQ==")?.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func twoWordsGiveSixteenBytes() {
        let key = SecWebSocketKey(0x0807_0605_0403_0201, 0x100F_0E0D_0C0B_0A09)
        #expect(key.headerValue == "AQIDBAUGBwgJCgsMDQ4PEA==")
        #expect(Base64.decode(key.headerValue) == Array(1...16))
        #expect(SecWebSocketKey(headerValue: key.headerValue) == key)
    }

    @Test(arguments: [0, 15, 17, 18])
    func otherLengthsAreRefused(length: Int) {
        #expect(SecWebSocketKey(headerValue: Base64.encode([UInt8](repeating: 7, count: length))) == nil)
    }
}
