// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Endpoints

@Suite("HTTP heads in a trace")
struct HeadScannerTests {
    private static let head =
        "GET /x HTTP/1.1\r\nHost: h\r\nAUTHORIZATION: Basic YWI6Yw==\r\nCookie:a=b; c\r\nX-Cookie: d\r\n\r\n"
    private static let shown =
        "GET /x HTTP/1.1\r\nHost: h\r\nAUTHORIZATION: ***** ********\r\nCookie:**** *\r\nX-Cookie: d\r\n\r\n"

    @Test func secretValuesAreBlackenedHoweverTheHeadIsCut() {
        let bytes = ByteBuffer(string: Self.head + "rest")
        for cut in 0...bytes.readableBytes {
            var scanner = HeadScanner()
            var input = bytes
            let first = scanner.scan(input.readSlice(length: cut) ?? ByteBuffer())
            let second = scanner.scan(input)
            #expect(String(buffer: first.head) + String(buffer: second.head) == Self.shown)
            #expect(String(buffer: first.rest) + String(buffer: second.rest) == "rest")
            #expect(scanner.isOver)
        }
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", true), ("HTTP/1.1 101 Switching Protocols\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\n\r\n", false), ("HTTP/1.1 403 Forbidden\r\n\r\n", false),
        ]
    )
    func framesFollowARequestAndA101(head: String, leadsToFrames: Bool) {
        var scanner = HeadScanner()
        _ = scanner.scan(ByteBuffer(string: head))
        #expect(scanner.leadsToFrames == leadsToFrames)
    }

    @Test func linesMayEndWithoutACarriageReturn() {
        var scanner = HeadScanner()
        let (head, rest) = scanner.scan(ByteBuffer(string: "HTTP/1.1 200\nSet-Cookie: ab\n\nx"))
        #expect(String(buffer: head) == "HTTP/1.1 200\nSet-Cookie: **\n\n")
        #expect(String(buffer: rest) == "x")
    }

    @Test func anEndlessNameTakesNoMemory() {
        var scanner = HeadScanner()
        let (head, _) = scanner.scan(ByteBuffer(repeating: UInt8(ascii: "A"), count: 100_000))
        #expect(head.readableBytes == 100_000)
        #expect(!scanner.isOver)
    }
}
