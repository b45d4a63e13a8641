// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore
import Testing

@testable import Endpoints

@Suite("Messages in a byte stream")
struct MessageStreamTests {
    // MARK: Reading

    /// The messages that these reads of a byte stream make.
    private static func messages(_ reads: [ByteBuffer]) async throws -> [String] {
        let lines = MessageStream(
            ByteStreamEndpoint(name: "in", source: ScriptedSource(reads), sink: CollectingSink()),
            MessageFormat()
        )
        var messages: [String] = []
        var open: ByteBuffer?
        while let chunk = try await lines.read() {
            let piece = try #require(chunk.message)
            #expect(piece.isText)
            var message = open ?? ByteBuffer()
            message.writeImmutableBuffer(chunk.bytes)
            open = piece.isFinal ? nil : message
            if piece.isFinal { messages.append(String(buffer: message)) }
        }
        #expect(open == nil)
        return messages
    }

    @Test(arguments: [
        ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("a\nb\n", ["a", "b"]),
        ("\n\n", ["", ""]), ("\na", ["", "a"]), ("a\n\nb\n", ["a", "", "b"]), ("a\r\nb\r\n", ["a\r", "b\r"]),
        ("a\rb\n", ["a\rb"]), ("\u{E9}\n\u{1F600}\n", ["\u{E9}", "\u{1F600}"]), ("a\u{0}b\n", ["a\u{0}b"]),
        ("a\u{85}b\u{2028}c\n", ["a\u{85}b\u{2028}c"]),
    ])
    func onlyANewlineEndsALine(text: String, expected: [String]) async throws {
        let bytes = buffer(text)
        for place in 0...bytes.readableBytes {
            let reads = bytes.split(at: place).filter { $0.readableBytes > 0 }
            #expect(try await Self.messages(reads) == expected)
        }
        #expect(try await Self.messages(bytes.singly) == expected)
    }

    @Test func aLongLineGoesOutAsItComes() async throws {
        let reads = [buffer("aaa"), buffer("bbb"), buffer("c\nd")]
        let lines = MessageStream(
            ByteStreamEndpoint(name: "in", source: ScriptedSource(reads), sink: CollectingSink()),
            MessageFormat()
        )
        var chunks: [Chunk] = []
        while let chunk = try await lines.read() { chunks.append(chunk) }
        #expect(chunks.map { String(buffer: $0.bytes) } == ["aaa", "bbb", "c", "d", ""])
        #expect(chunks.map(\.message?.isFinal) == [false, false, true, false, true])
        // More of the same read waits behind the third alone.
        #expect(chunks.map(\.hasMore) == [false, false, true, false, false])
    }

    @Test func theEndStays() async throws {
        let lines = MessageStream(
            ByteStreamEndpoint(name: "in", source: ScriptedSource([buffer("a")]), sink: CollectingSink()),
            MessageFormat()
        )
        for _ in 0..<2 { _ = try await lines.read() }
        for _ in 0..<2 {
            let chunk = try await lines.read()
            #expect(chunk == nil)
        }
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0xAF], [0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82, 0x0A],
            [0xE2, 0x82, 0x41],
            [0xF0, 0x9F, 0x98, 0x0A], [0xE2, 0x82], [0xC3],
        ] as [[UInt8]]
    )
    func whatIsNotUTF8IsRefusedAtEverySplit(bad: [UInt8]) async throws {
        let bytes = buffer(Array("ok\n".utf8) + bad)
        for place in 0...bytes.readableBytes {
            let reads = bytes.split(at: place).filter { $0.readableBytes > 0 }
            await #expect { try await Self.messages(reads) } throws: { Self.isNotUTF8($0) }
        }
        await #expect { try await Self.messages(bytes.singly) } throws: { Self.isNotUTF8($0) }
    }

    @Test func messagesBeforeBadOnesAreGivenOut() async throws {
        let source = ScriptedSource([buffer([0x61, 0x0A, 0xFF, 0x0A])])
        let lines = MessageStream(
            ByteStreamEndpoint(name: "in", source: source, sink: CollectingSink()),
            MessageFormat()
        )
        let first = try await lines.read()
        #expect(first?.bytes == buffer("a"))
        await #expect { try await lines.read() } throws: { Self.isNotUTF8($0) }
    }

    // MARK: Writing

    @Test func eachMessageBecomesALine() async throws {
        let sink = CollectingSink()
        let lines = MessageStream(
            ByteStreamEndpoint(name: "out", source: ScriptedSource([]), sink: sink),
            MessageFormat()
        )
        try await lines.write(Chunk(buffer("a"), message: MessagePiece(isText: true, isFinal: true)))
        try await lines.write(Chunk(buffer("b"), message: MessagePiece(isText: true, isFinal: false)))
        try await lines.write(Chunk(buffer("c"), message: MessagePiece(isText: true, isFinal: true)))
        try await lines.write(Chunk(ByteBuffer(), message: MessagePiece(isText: true, isFinal: false)))
        try await lines.write(Chunk(ByteBuffer(), message: MessagePiece(isText: true, isFinal: true)))
        try await lines.write(Chunk(buffer("d"), message: MessagePiece(isText: false, isFinal: true)))
        #expect(sink.bytes == buffer("a\nbc\n\nd\n"))
        try lines.finish()
        #expect(sink.isFinished)
    }

    @Test func bytesOfAStreamStayAsTheyAre() async throws {
        let sink = CollectingSink()
        let lines = MessageStream(
            ByteStreamEndpoint(name: "out", source: ScriptedSource([]), sink: sink),
            MessageFormat()
        )
        try await lines.write(Chunk(buffer("a")))
        try await lines.write(Chunk(buffer("b\n")))
        #expect(sink.bytes == buffer("ab\n"))
    }

    /// The sender's buffer is not written to.
    @Test func whatIsWrittenIsNotChanged() async throws {
        let lines = MessageStream(
            ByteStreamEndpoint(name: "out", source: ScriptedSource([]), sink: CollectingSink()),
            MessageFormat()
        )
        let whole = buffer("ab")
        let slice = try #require(whole.getSlice(at: 0, length: 1))
        try await lines.write(Chunk(slice, message: MessagePiece(isText: true, isFinal: true)))
        #expect(whole == buffer("ab"))
    }

    private static func isNotUTF8(_ error: any Error) -> Bool {
        if case WebSocketError.textNotUTF8 = error { true } else { false }
    }

    // MARK: Other formats

    /// The messages that these reads make in a format.
    private static func messages(_ reads: [ByteBuffer], _ format: MessageFormat) async throws -> [ByteBuffer] {
        let base = ByteStreamEndpoint(name: "in", source: ScriptedSource(reads), sink: CollectingSink())
        let stream = MessageStream(base, format)
        var messages: [ByteBuffer] = []
        var open = ByteBuffer()
        while let chunk = try await stream.read() {
            let piece = try #require(chunk.message)
            #expect(piece.isText == format.isText)
            open.writeImmutableBuffer(chunk.bytes)
            guard piece.isFinal else { continue }
            messages.append(open)
            open = ByteBuffer()
        }
        #expect(open.readableBytes == 0)
        return messages
    }

    @Test func aNullByteEndsAMessageAtEverySplit() async throws {
        let bytes = buffer("a\nb\0\0c")
        for place in 0...bytes.readableBytes {
            let reads = bytes.split(at: place).filter { $0.readableBytes > 0 }
            let messages = try await Self.messages(reads, MessageFormat(isText: false, boundary: .null))
            #expect(messages == [buffer("a\nb"), buffer(""), buffer("c")])
        }
    }

    @Test func binaryNeedNotBeUTF8() async throws {
        let format = MessageFormat(isText: false, boundary: .null)
        #expect(try await Self.messages([buffer([0xFF, 0x00, 0xC3])], format) == [buffer([0xFF]), buffer([0xC3])])
        await #expect(throws: WebSocketError.self) {
            try await Self.messages([buffer([0xFF, 0x00])], MessageFormat(boundary: .null))
        }
    }

    @Test func linesOfBase64AreDecodedAtEverySplit() async throws {
        let bytes = buffer("Zm9vYg==\n\nZg==")
        for place in 0...bytes.readableBytes {
            let reads = bytes.split(at: place).filter { $0.readableBytes > 0 }
            let messages = try await Self.messages(reads, MessageFormat(isText: false, isBase64: true))
            #expect(messages == [buffer("foob"), buffer(""), buffer("f")])
        }
    }

    @Test(arguments: ["Zg", "Zg==Zg==", "Zg==\n!"])
    func whatIsNotBase64IsRefused(text: String) async throws {
        await #expect(throws: WebSocketError.self) {
            try await Self.messages([buffer(text)], MessageFormat(isText: false, isBase64: true))
        }
    }

    @Test func allOfTheInputIsOneMessage() async throws {
        let format = MessageFormat(isText: false, boundary: .endOfStream)
        #expect(try await Self.messages([buffer("a\n"), buffer("b\0")], format) == [buffer("a\nb\0")])
        #expect(try await Self.messages([], format) == [])
        let long = pattern(300_000)
        #expect(try await Self.messages(long.split(at: 100_000), format) == [long])
    }

    /// Peers that can't join fragments get a short message in one frame.
    @Test func aShortSingleMessageIsOnePiece() async throws {
        let source = ScriptedSource([buffer("a"), buffer("b")])
        let base = ByteStreamEndpoint(name: "in", source: source, sink: CollectingSink())
        let stream = MessageStream(base, MessageFormat(boundary: .endOfStream))
        let chunk = try #require(try await stream.read())
        #expect(chunk.bytes == buffer("ab"))
        #expect(chunk.message == MessagePiece(isText: true, isFinal: true))
        let end = try await stream.read()
        #expect(end == nil)
    }

    @Test(
        arguments: [
            (MessageFormat(boundary: .null), "ab\0c\0"), (MessageFormat(isText: false, isBase64: true), "YWI=\nYw==\n"),
            (MessageFormat(isText: false, boundary: .null), "ab\0c\0"),
        ]
    )
    func messagesAreWrittenInTheirFormat(format: MessageFormat, expected: String) async throws {
        let sink = CollectingSink()
        let base = ByteStreamEndpoint(name: "out", source: ScriptedSource([]), sink: sink)
        let stream = MessageStream(base, format)
        try await stream.write(Chunk(buffer("a"), message: MessagePiece(isText: true, isFinal: false)))
        try await stream.write(Chunk(buffer("b"), message: MessagePiece(isText: true, isFinal: true)))
        try await stream.write(Chunk(buffer("c"), message: MessagePiece(isText: false, isFinal: true)))
        #expect(sink.bytes == buffer(expected))
    }

    @Test(
        arguments: [
            (MessageFormat(boundary: .endOfStream), "ab\n"),
            (MessageFormat(isText: false, boundary: .endOfStream), "ab"),
            (MessageFormat(isText: false, boundary: .endOfStream, isBase64: true), "YWI=\n"),
        ]
    )
    func theOneMessageIsWrittenAsItWasAskedFor(format: MessageFormat, expected: String) async throws {
        let sink = CollectingSink()
        let base = ByteStreamEndpoint(name: "out", source: ScriptedSource([]), sink: sink)
        let stream = MessageStream(base, format)
        try await stream.write(Chunk(buffer("ab"), message: MessagePiece(isText: format.isText, isFinal: true)))
        #expect(sink.bytes == buffer(expected))
    }
}
