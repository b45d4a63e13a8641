// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

/// Heads and bodies that never end. Each unit is sent again and again until it is refused.
@Suite("Endless input")
struct EndlessInputTests {
    private static let request = "GET /chat HTTP/1.1\r\nHost: h\r\n"
    private static let answer = "HTTP/1.1 101 Switching Protocols\r\n"

    @Test(arguments: [
        ("GET /", "a"), ("", "a"), ("", "\r\n"), (Self.request, "A: b\r\n"), (Self.request + "A: ", "b"),
        (Self.request, "a"), (Self.request + "A: ", " "), (Self.request + "Upgrade: ", "websocket, "),
    ])
    func aServerRefusesIt(start: String, unit: String) async throws {
        let (status, given) = try await onOwnThread {
            let input = EndlessInput(start, unit)
            let result = try RequestTarget.session(input.pieces, SessionLoop(), endsWhenOver: true)
            return (result.status, input.given)
        }
        #expect(["400", "414", "431"].contains(status))
        #expect(given <= 16 * 1024 + 2 * EndlessInput.pieceLength)
    }

    @Test(arguments: [
        ("HTTP/1.1 101 ", "a"), ("", "a"), ("", "\r\n"), (Self.answer, "A: b\r\n"), (Self.answer + "A: ", "b"),
        (Self.answer, "a"), (Self.answer + "A: ", " "), (Self.answer + "Upgrade: ", "websocket, "),
        ("HTTP/1.1 200 OK\r\n\r\n", "a"), ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0000"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "a"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n"),
    ])
    func aClientRefusesIt(start: String, unit: String) async throws {
        let (error, given) = try await onOwnThread {
            let input = EndlessInput(start, unit)
            let outcome = try AnswerTarget.session(input.pieces, SessionLoop(), endsWhenOver: true)
            return (outcome.error, input.given)
        }
        #expect(error != nil)
        #expect(given <= 128 * 1024)
    }
}

/// `start`, and `unit` for ever, or for 1 MiB.
private final class EndlessInput {
    static let pieceLength = 4096
    private(set) var given = 0
    private let start: String
    private let unit: String

    init(_ start: String, _ unit: String) {
        self.start = start
        self.unit = unit
    }

    var pieces: some Sequence<ByteBuffer> {
        let units = ByteBuffer(string: String(repeating: self.unit, count: Self.pieceLength / self.unit.utf8.count))
        return (0..<256).lazy.map { index in
            let piece = index == 0 ? ByteBuffer(string: self.start) : units
            self.given += piece.readableBytes
            return piece
        }
    }
}
