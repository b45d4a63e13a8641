// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore
import Testing
import WebSocketCore

@testable import Endpoints

@Suite("WebSocket endpoint with permessage-deflate, RFC 7692")
struct CompressionTests {
    private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
    /// "Hello" after "Hello".
    private static let helloAgain: [UInt8] = [0xF2, 0x00, 0x11, 0x00, 0x00]

    private static var compressing: WebSocketOptions {
        var options = WebSocketOptions()
        options.compression = DeflateAgreement()
        return options
    }

    private static func limited(to limit: Int) -> WebSocketOptions {
        var options = self.compressing
        options.messageLimit = limit
        return options
    }

    /// A message as a peer sends it that compresses.
    private static func compressed(_ message: ByteBuffer) throws -> [UInt8] {
        Array(try MessageCompressor(.init()).compress(message, isMessageEnd: true).readableBytesView)
    }

    // MARK: Reading

    @Test(arguments: Role.both)
    func compressedAndOtherMessagesAreBytesForAByteStream(role: Role) async throws {
        try await WebSocketPair.run(role, options: Self.compressing) { pair in
            try await pair.peer.send(
                .deflated(.binary, Self.hello),
                .binary("1"),
                .deflated(.text, Self.helloAgain),
                .binary("2", isFinal: false),
                .ping("p"),
                .more("3"),
                .deflated(.binary, [0]),
                .deflated(.binary, []),
                .binary("4")
            )
            #expect(try await pair.read(14) == buffer("Hello1Hello234"))
            #expect(try await pair.peer.next() == .pong("p"))
        }
    }

    @Test(arguments: Role.both)
    func fragmentsAreHandedOnAsTheyAreInflated(role: Role) async throws {
        try await WebSocketPair.run(role, keepsMessages: true, options: Self.compressing) { pair in
            try await pair.peer.send(.deflated(.text, [0xF2, 0x48, 0xCD], isFinal: false))
            let first = try #require(try await pair.endpoint.read())
            #expect(buffer("Hello").readableBytesView.starts(with: first.bytes.readableBytesView))
            #expect(first.message == MessagePiece(isText: true, isFinal: false))
            try await pair.peer.send(
                Frame(opcode: .continuation, payload: buffer([0xC9, 0xC9, 0x07, 0x00])),
                .text("next")
            )
            var text = String(buffer: first.bytes)
            while true {
                let chunk = try #require(try await pair.endpoint.read())
                text += String(buffer: chunk.bytes)
                if chunk.message?.isFinal == true { break }
            }
            #expect(text == "Hello")
            #expect(try await pair.endpoint.read()?.bytes == buffer("next"))
        }
    }

    @Test(arguments: Role.both)
    func emptyMessagesAreKeptForMessages(role: Role) async throws {
        try await WebSocketPair.run(role, halfClose: true, keepsMessages: true, options: Self.compressing) { pair in
            // Neither is the end of the direction: that has no reserved bits.
            try await pair.peer.send(.deflated(.binary, [0]), .deflated(.binary, []), .deflated(.text, []), .marker)
            for isText in [false, false, true] {
                let chunk = try #require(try await pair.endpoint.read())
                #expect(chunk.bytes.readableBytes == 0)
                #expect(chunk.message == MessagePiece(isText: isText, isFinal: true))
            }
            #expect(try await pair.readsTheEnd())
        }
    }

    @Test func aBombIsReadAChunkAtATime() async throws {
        try await WebSocketPair.run(.client, options: Self.compressing) { pair in
            let length = 10 << 20
            let bomb = try Self.compressed(ByteBuffer(repeating: 0, count: length))
            #expect(bomb.count < 12_000)
            try await pair.peer.send(.deflated(.binary, bomb))
            var total = 0
            while total < length {
                let chunk = try #require(try await pair.endpoint.read())
                #expect(chunk.bytes.readableBytes <= CompressedParts.chunkSize)
                total += chunk.bytes.readableBytes
            }
            #expect(total == length)
        }
    }

    /// All that came before the end is read, however late it is inflated.
    @Test(arguments: Role.both)
    func theEndComesAfterWhatIsInflated(role: Role) async throws {
        let message = pattern(300_000)
        let bytes = try Self.compressed(message)
        try await WebSocketPair.run(role, options: Self.compressing) { pair in
            let sending = pair.streams.start {
                try await pair.peer.send(.deflated(.binary, bytes), .close(.normal))
            }
            #expect(try await pair.read(300_000) == message)
            #expect(try await pair.readsTheEnd())
            try await sending.value
        }
    }

    // MARK: What is refused

    @Test(arguments: Role.both, [false, true])
    func aMessageOverTheLimitIsRefusedOnceItInflatesToMore(role: Role, isCompressed: Bool) async throws {
        try await WebSocketPair.run(role, keepsMessages: true, options: Self.limited(to: 100_000)) { pair in
            let whole = try Self.compressed(ByteBuffer(repeating: 0x61, count: 100_000))
            let bomb = try Self.compressed(ByteBuffer(repeating: 0x61, count: 100_001))
            let sending = pair.streams.start {
                try await pair.peer.send(
                    .deflated(.binary, whole),
                    isCompressed
                        ? .deflated(.binary, bomb) : .binary(ByteBuffer(repeating: 0x61, count: 100_001))
                )
            }
            var total = 0
            await #expect(throws: WebSocketError.self) {
                while let chunk = try await pair.endpoint.read() { total += chunk.bytes.readableBytes }
            }
            #expect(total >= 100_000 && total <= 200_000)
            try await sending.value
            pair.endpoint.abort(.failed)
            #expect(try await pair.peer.next()?.closeCode == .messageTooBig)
        }
    }

    @Test(arguments: [
        Frame.deflated(.binary, [0x07]), .deflated(.binary, [0xF2, 0x48]), .deflated(.binary, helloAgain),
        // Text that is not UTF-8: in a stored block, whole and cut.
        .deflated(.text, [0x00, 0x01, 0x00, 0xFE, 0xFF, 0xFF, 0x00]),
        .deflated(.text, [0x00, 0x01, 0x00, 0xFE, 0xFF, 0xC3, 0x00]),
    ])
    func badBytesAreClosedWith1007AfterWhatCameBefore(bad: Frame) async throws {
        for role in Role.both {
            try await WebSocketPair.run(role, options: Self.compressing) { pair in
                try await pair.peer.send(.binary("before"), bad, .binary("behind"), .close(.normal))
                #expect(try await pair.read(6) == buffer("before"))
                await #expect(throws: WebSocketError.self) { _ = try await pair.readsTheEnd() }
                // Also where a Close waits to be answered.
                pair.endpoint.abort(.failed)
                #expect(try await pair.peer.next()?.closeCode == .invalidPayload)
            }
            try await WebSocketPair.run(role, options: Self.compressing) { pair in
                try await pair.peer.send(bad)
                await #expect(throws: WebSocketError.self) { _ = try await pair.readsTheEnd() }
                pair.endpoint.abort(.failed)
                #expect(try await pair.peer.next()?.closeCode == .invalidPayload)
            }
        }
    }

    @Test func reservedBitsAreForTheFirstFrameOnly() async throws {
        let bad: [Frame] = [
            Frame(opcode: .binary, reservedBits: 2), Frame(opcode: .binary, reservedBits: 6),
            Frame(opcode: .ping, reservedBits: 4),
        ]
        for frame in bad {
            try await WebSocketPair.run(.client, options: Self.compressing) { pair in
                try await pair.peer.send(frame)
                await #expect(throws: WebSocketError.self) { _ = try await pair.readsTheEnd() }
                pair.endpoint.abort(.failed)
                #expect(try await pair.peer.next()?.closeCode == .protocolError)
            }
        }
        try await WebSocketPair.run(.client, options: Self.compressing) { pair in
            try await pair.peer.send(
                .deflated(.binary, Self.hello, isFinal: false),
                Frame(opcode: .continuation, reservedBits: 4)
            )
            await #expect(throws: WebSocketError.self) { _ = try await pair.read(6) }
        }
    }

    @Test func withoutTheExtensionNoReservedBitIsTaken() async throws {
        try await WebSocketPair.run(.client) { pair in
            try await pair.peer.send(.deflated(.binary, Self.hello))
            await #expect(throws: WebSocketError.self) { _ = try await pair.readsTheEnd() }
        }
    }

    // MARK: Writing

    @Test(arguments: Role.both)
    func eachChunkIsACompressedMessage(role: Role) async throws {
        try await WebSocketPair.run(role, options: Self.compressing) { pair in
            try await pair.endpoint.write(Chunk(buffer("Hello")))
            #expect(try await pair.peer.next() == .deflated(.binary, Self.hello))
            try await pair.endpoint.write(Chunk(buffer("Hello")))
            #expect(try await pair.peer.next() == .deflated(.binary, Self.helloAgain))
        }
    }

    @Test(arguments: Role.both)
    func onlyTheFirstFrameOfAMessageIsMarked(role: Role) async throws {
        try await WebSocketPair.run(role, keepsMessages: true, options: Self.compressing) { pair in
            let piece = MessagePiece(isText: true, isFinal: false)
            try await pair.endpoint.write(Chunk(buffer("Hello"), message: piece))
            try await pair.endpoint.write(Chunk(ByteBuffer(), message: MessagePiece(isText: true, isFinal: true)))
            #expect(
                try await pair.peer.next() == .deflated(.text, Self.hello + [0, 0, 0xFF, 0xFF], isFinal: false)
            )
            #expect(try await pair.peer.next() == Frame(opcode: .continuation, payload: buffer([0])))
        }
    }

    /// No data looks like the end of a direction, and the end looks as it always does.
    @Test(arguments: Role.both)
    func anEmptyMessageGoesOutAsItIs(role: Role) async throws {
        try await WebSocketPair.run(role, halfClose: true, keepsMessages: true, options: Self.compressing) { pair in
            for isText in [true, false] {
                try await pair.endpoint.write(Chunk(ByteBuffer(), message: MessagePiece(isText: isText, isFinal: true)))
            }
            #expect(try await pair.peer.next() == .text(""))
            #expect(try await pair.peer.next() == .binary("", isFinal: false))
            #expect(try await pair.peer.next() == .more(""))
            try await pair.endpoint.write(Chunk(buffer("Hello")))
            #expect(try await pair.peer.next() == .deflated(.binary, Self.hello))
            try pair.endpoint.finish()
            #expect(try await pair.peer.next() == .marker)
        }
    }

    /// zlib's state is given up when a link rests: what follows stands for itself.
    @Test(arguments: Role.both)
    func aLinkThatRestsHoldsNoCompressor(role: Role) async throws {
        var options = Self.compressing
        options.pingInterval = .milliseconds(20)
        options.pingTimeout = .seconds(20)
        try await WebSocketPair.run(role, options: options) { pair in
            let reading = pair.streams.start { _ = try? await pair.endpoint.read() }
            try await pair.endpoint.write(Chunk(buffer("Hello")))
            try await pair.endpoint.write(Chunk(buffer("Hello")))
            var frames: [Frame] = []
            var pings = 0
            while pings < 3, let frame = try await pair.peer.next() {
                if frame.opcode == .ping {
                    pings += 1
                    try await pair.peer.send(.pong(""))
                } else {
                    frames.append(frame)
                }
            }
            #expect(frames == [.deflated(.binary, Self.hello), .deflated(.binary, Self.helloAgain)])
            try await pair.endpoint.write(Chunk(buffer("Hello")))
            while let frame = try await pair.peer.next() {
                if frame.opcode == .ping { continue }
                #expect(frame == .deflated(.binary, Self.hello))
                break
            }
            try await pair.peer.send(.close(.normal))
            try await reading.value
        }
    }

    @Test(arguments: Role.both)
    func largeChunksArriveWhole(role: Role) async throws {
        try await WebSocketPair.run(role, options: Self.compressing) { pair in
            let decompressor = MessageDecompressor(.init())
            for length in [1, 4095, 65_536, 262_144] {
                let writing = pair.streams.start { try await pair.endpoint.write(Chunk(pattern(length))) }
                var bytes = ByteBuffer()
                while bytes.readableBytes < length {
                    let frame = try #require(try await pair.peer.next())
                    #expect(frame.reservedBits == 4 && frame.isFinal)
                    var payload = frame.payload
                    while let step = try decompressor.next(from: &payload, isMessageEnd: true, limit: 65_536) {
                        bytes.writeImmutableBuffer(step.bytes)
                        if step.isMessageEnd { break }
                    }
                }
                try await writing.value
                #expect(bytes == pattern(length))
            }
        }
    }
}
