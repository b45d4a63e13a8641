// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import RelayCore
import Testing
import WebSocketCore

@testable import Endpoints

@Suite("WebSocket endpoint")
struct WebSocketEndpointTests {
    // MARK: Bytes

    @Test(arguments: Role.both)
    func framesOfAnyKindAreBytesForAByteStream(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            try await pair.peer.send(
                .binary("a"),
                .text("b"),
                .binary("c", isFinal: false),
                .ping(""),
                .more("d"),
                .binary(""),
                .binary("e")
            )
            #expect(try await pair.read(5) == buffer("abcde"))
        }
    }

    @Test(arguments: Role.both, [0, 1, 125, 126, 4095, 4096, 65_535, 65_536, 300_000])
    func aFrameOfAnyLengthArrivesWhole(role: Role, length: Int) async throws {
        try await WebSocketPair.run(role) { pair in
            let sending = pair.streams.start { try await pair.peer.send(.binary(pattern(length)), .binary("!")) }
            var expected = pattern(length)
            expected.writeString("!")
            #expect(try await pair.read(length + 1) == expected)
            try await sending.value
        }
    }

    @Test(arguments: Role.both, [1, 125, 126, 4095, 4096, 65_535, 65_536, 262_144])
    func aChunkIsOneFrame(role: Role, length: Int) async throws {
        try await WebSocketPair.run(role) { pair in
            let writing = pair.streams.start { try await pair.endpoint.write(Chunk(pattern(length))) }
            #expect(try await pair.peer.next() == .binary(pattern(length)))
            try await writing.value
        }
    }

    @Test(arguments: Role.both)
    func noFrameIsLongerThan256KiB(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            let writing = pair.streams.start { try await pair.endpoint.write(Chunk(pattern(524_289))) }
            var rest = pattern(524_289)
            for length in [262_144, 262_144, 1] {
                #expect(try await pair.peer.next() == rest.readSlice(length: length).map { .binary($0) })
            }
            try await writing.value
        }
    }

    /// Only so many wait for their reader; the rest stays as it came.
    @Test(arguments: Role.both, [1, 1023, 1024, 1025, 2047, 2048, 2049, 5000])
    func howeverManyMessagesComeAtOnceAllAreReadInOrder(role: Role, count: Int) async throws {
        try await WebSocketPair.run(role, keepsMessages: true) { pair in
            let frames = (0..<count).map { Frame.text("\($0)") } + [.ping("p"), .binary("last"), .close(.normal)]
            let sending = pair.streams.start { try await pair.streams.peer.send(pair.peer.encoded(frames)) }
            for number in 0..<count {
                var message = ByteBuffer()
                // One that comes in two reads is two pieces.
                while let chunk = try await pair.endpoint.read() {
                    message.writeImmutableBuffer(chunk.bytes)
                    if chunk.message == MessagePiece(isText: true, isFinal: true) { break }
                }
                #expect(message == buffer("\(number)"))
            }
            #expect(try await pair.endpoint.read()?.bytes == buffer("last"))
            #expect(try await pair.readsTheEnd())
            #expect(try await pair.peer.next() == .pong("p"))
            try await sending.value
        }
    }

    /// Memory does not depend on what a peer calls a frame.
    @Test(arguments: Role.both)
    func aHugeFrameIsHandedOnAsItComes(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            var header = ByteBuffer()
            let key: MaskKey? = role == .server ? MaskKey(0) : nil
            FrameHeader(opcode: .binary, payloadLength: 10 << 30, maskKey: key).write(to: &header)
            header.writeString("begin")
            try await pair.streams.peer.send(header)
            #expect(try await pair.read(5) == buffer("begin"))
            try await pair.streams.peer.send(buffer("more"))
            #expect(try await pair.read(4) == buffer("more"))
        }
    }

    @Test func aServersLargeFrameIsReadBeforeItsEndAndItsPingIsAnsweredAfter() async throws {
        try await WebSocketPair.run(.client) { pair in
            let frame = pair.peer.encoded([.binary(pattern(10_000)), .ping("p")])
            let parts = frame.split(at: 5_000)
            try await pair.streams.peer.send(parts[0])
            let first = try await pair.endpoint.read()
            #expect((first?.bytes.readableBytes ?? 0) > 0)
            try await pair.streams.peer.send(parts[1])
            _ = try await pair.read(10_000 - (first?.bytes.readableBytes ?? 0))
            #expect(try await pair.peer.next() == .pong("p"))
        }
    }

    // MARK: Messages

    @Test(arguments: Role.both, [false, true])
    func boundariesAndKindsAreKeptForMessages(role: Role, halfClose: Bool) async throws {
        try await WebSocketPair.run(role, halfClose: halfClose, keepsMessages: true) { pair in
            try await pair.peer.send(
                .text("one"),
                .binary("t", isFinal: false),
                .more("w", isFinal: false),
                .more("o"),
                .text("")
            )
            var chunks: [Chunk] = []
            while chunks.count < 5 { chunks.append(try #require(try await pair.endpoint.read())) }
            #expect(chunks.map { String(buffer: $0.bytes) } == ["one", "t", "w", "o", ""])
            #expect(chunks.map { $0.message?.isText } == [true, false, false, false, true])
            #expect(chunks.map { $0.message?.isFinal } == [true, false, false, true, true])
        }
    }

    @Test(arguments: Role.both)
    func messagesAreSentAsTheyAre(role: Role) async throws {
        try await WebSocketPair.run(role, keepsMessages: true) { pair in
            let pieces: [(String, MessagePiece)] = [
                ("one", MessagePiece(isText: true, isFinal: true)), ("t", MessagePiece(isText: true, isFinal: false)),
                ("w", MessagePiece(isText: true, isFinal: false)), ("o", MessagePiece(isText: true, isFinal: true)),
                ("three", MessagePiece(isText: false, isFinal: true)), ("", MessagePiece(isText: true, isFinal: true)),
                ("", MessagePiece(isText: false, isFinal: true)),
            ]
            for (text, piece) in pieces { try await pair.endpoint.write(Chunk(buffer(text), message: piece)) }
            let expected: [Frame] = [
                .text("one"), .text("t", isFinal: false), .more("w", isFinal: false), .more("o"), .binary("three"),
                .text(""), .binary(""),
            ]
            for frame in expected { #expect(try await pair.peer.next() == frame) }
        }
    }

    @Test(arguments: Role.both)
    func chunksThatHaveMoreBehindThemComeWithTheNext(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            try await pair.endpoint.write(Chunk(buffer("a"), hasMore: true))
            try await pair.endpoint.write(Chunk(pattern(5_000), hasMore: true))
            try await pair.endpoint.write(Chunk(buffer("b")))
            #expect(try await pair.peer.next() == .binary("a"))
            #expect(try await pair.peer.next() == .binary(pattern(5_000)))
            #expect(try await pair.peer.next() == .binary("b"))
        }
    }

    // MARK: Half-close

    @Test(arguments: Role.both)
    func finishSendsTheMarkerAndTheOtherDirectionGoesOn(role: Role) async throws {
        try await WebSocketPair.run(role, halfClose: true) { pair in
            try await pair.endpoint.write(Chunk(buffer("last")))
            try pair.endpoint.finish()
            #expect(try await pair.peer.next() == .binary("last"))
            #expect(try await pair.peer.next() == .marker)
            try await pair.peer.send(.binary("answer"), .marker)
            #expect(try await pair.read(6) == buffer("answer"))
            #expect(try await pair.readsTheEnd())
        }
    }

    @Test(arguments: Role.both)
    func theMarkerEndsThePeersDirectionAndOursGoesOn(role: Role) async throws {
        try await WebSocketPair.run(role, halfClose: true) { pair in
            try await pair.peer.send(.binary("last"), .marker)
            #expect(try await pair.read(4) == buffer("last"))
            #expect(try await pair.readsTheEnd())
            try await pair.endpoint.write(Chunk(buffer("answer")))
            try pair.endpoint.finish()
            #expect(try await pair.peer.next() == .binary("answer"))
            #expect(try await pair.peer.next() == .marker)
        }
    }

    @Test func theClientSendsCloseOnceBothDirectionsHaveEnded() async throws {
        try await WebSocketPair.run(.client, halfClose: true) { pair in
            try pair.endpoint.finish()
            try await pair.peer.send(.marker)
            #expect(try await pair.readsTheEnd())
            let closing = pair.streams.start { try await pair.endpoint.close() }
            #expect(try await pair.peer.next() == .marker)
            #expect(try await pair.peer.next() == .close(.normal))
            try await pair.peer.send(.close(.normal))
            // The server ends TCP first.
            pair.streams.peer.finish()
            #expect(try await pair.peer.next() == nil)
            try await closing.value
        }
    }

    /// Only the answer says that the other end has everything, and this one says that it has not.
    @Test(arguments: [CloseCode.goingAway, .protocolError, .internalError, CloseCode(rawValue: 4000)])
    func anAnswerWithAnotherCodeIsAFailure(code: CloseCode) async throws {
        try await WebSocketPair.run(.client, halfClose: true) { pair in
            try pair.endpoint.finish()
            try await pair.peer.send(.marker)
            #expect(try await pair.readsTheEnd())
            let closing = pair.streams.start { try await pair.endpoint.close() }
            try await pair.peer.send(.close(code))
            pair.streams.peer.finish()
            await #expect {
                try await closing.value
            } throws: {
                "\($0)".hasPrefix("peer closed with \(code.rawValue)")
            }
        }
    }

    @Test(arguments: Role.both)
    func aViolationInPlaceOfTheAnswerIsAFailure(role: Role) async throws {
        try await WebSocketPair.run(role, halfClose: true) { pair in
            try pair.endpoint.finish()
            try await pair.peer.send(.marker)
            #expect(try await pair.readsTheEnd())
            let closing = pair.streams.start { try await pair.endpoint.close() }
            try await pair.peer.send(.binary("more"))
            pair.streams.peer.finish()
            await #expect {
                try await closing.value
            } throws: {
                if case WebSocketError.dataAfterEnd = $0 { true } else { false }
            }
        }
    }

    @Test func theServerAnswersTheClientsCloseAndEndsTCP() async throws {
        try await WebSocketPair.run(.server, halfClose: true) { pair in
            try await pair.peer.send(.marker)
            #expect(try await pair.readsTheEnd())
            try pair.endpoint.finish()
            let closing = pair.streams.start { try await pair.endpoint.close() }
            #expect(try await pair.peer.next() == .marker)
            try await pair.peer.send(.close(.normal))
            #expect(try await pair.peer.next() == .close(.normal))
            #expect(try await pair.peer.next() == nil)
            pair.streams.peer.close()
            try await closing.value
        }
    }

    @Test(arguments: Role.both)
    func pingsAreAnsweredAfterThePeersEnd(role: Role) async throws {
        try await WebSocketPair.run(role, halfClose: true) { pair in
            try await pair.peer.send(.marker)
            #expect(try await pair.readsTheEnd())
            try await pair.peer.send(.ping("still there?"))
            #expect(try await pair.peer.next() == .pong("still there?"))
        }
    }

    @Test(arguments: Role.both, [false, true])
    func dataAfterTheMarkerIsAViolation(role: Role, inOneRead: Bool) async throws {
        try await WebSocketPair.run(role, halfClose: true) { pair in
            let isLost = Flag()
            pair.endpoint.onOutputLost = { error in
                if case WebSocketError.dataAfterEnd = error { isLost.set() }
            }
            if inOneRead {
                try await pair.peer.send(.marker, .binary("x"))
                await #expect(throws: WebSocketError.self) { _ = try await pair.endpoint.read() }
            } else {
                try await pair.peer.send(.marker)
                #expect(try await pair.readsTheEnd())
                try await pair.peer.send(.binary("x"))
                while !isLost.isSet { try await pair.streams.turn() }
            }
            pair.endpoint.abort(.failed)
            #expect(try await pair.peer.next() == .close(.protocolError))
            #expect(try await pair.peer.next() == nil)
        }
    }

    @Test(arguments: Role.both)
    func anEmptyMessageIsSentAsTwoFragmentsSoThatItIsNoMarker(role: Role) async throws {
        try await WebSocketPair.run(role, halfClose: true, keepsMessages: true) { pair in
            try await pair.endpoint.write(Chunk(ByteBuffer(), message: MessagePiece(isText: false, isFinal: true)))
            try await pair.endpoint.write(Chunk(ByteBuffer(), message: MessagePiece(isText: true, isFinal: true)))
            #expect(try await pair.peer.next() == .binary("", isFinal: false))
            #expect(try await pair.peer.next() == .more(""))
            // Text needs none of that.
            #expect(try await pair.peer.next() == .text(""))
        }
    }

    @Test(arguments: Role.both)
    func anEmptyLastPieceOfAMessageIsNoMarker(role: Role) async throws {
        try await WebSocketPair.run(role, halfClose: true, keepsMessages: true) { pair in
            try await pair.endpoint.write(Chunk(buffer("a"), message: MessagePiece(isText: false, isFinal: false)))
            try await pair.endpoint.write(Chunk(ByteBuffer(), message: MessagePiece(isText: false, isFinal: true)))
            #expect(try await pair.peer.next() == .binary("a", isFinal: false))
            #expect(try await pair.peer.next() == .more(""))
        }
    }

    @Test(arguments: Role.both)
    func anEmptyMessageOfTwoFragmentsIsReadAsOne(role: Role) async throws {
        try await WebSocketPair.run(role, halfClose: true, keepsMessages: true) { pair in
            try await pair.peer.send(.binary("", isFinal: false), .more(""), .text(""), .binary("x"), .marker)
            var chunks: [Chunk] = []
            while let chunk = try await pair.endpoint.read() { chunks.append(chunk) }
            #expect(chunks.map { String(buffer: $0.bytes) } == ["", "", "", "x"])
            #expect(chunks.map { $0.message?.isFinal } == [false, true, true, true])
        }
    }

    @Test(arguments: Role.both)
    func withoutHalfCloseAnEmptyMessageMeansNothing(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            try await pair.peer.send(.marker, .binary("x"))
            #expect(try await pair.read(1) == buffer("x"))
        }
    }

    // MARK: The peer's Close

    @Test(arguments: Role.both, [Frame.bareClose, .close(.normal), .close(.normal, "bye"), .close(.goingAway)])
    func aCloseInOrderEndsThePeersDirection(role: Role, close: Frame) async throws {
        try await WebSocketPair.run(role) { pair in
            try await pair.peer.send(.binary("last"), close)
            #expect(try await pair.read(4) == buffer("last"))
            #expect(try await pair.readsTheEnd())
            // What the other side still says is sent, and the Close comes behind it.
            try await pair.endpoint.write(Chunk(buffer("late")))
            try pair.endpoint.finish()
            #expect(try await pair.peer.next() == .binary("late"))
            let reply = try #require(try await pair.peer.next())
            #expect(reply.opcode == .close)
            #expect(reply.closeCode == close.closeCode)
        }
    }

    static let failures: [CloseCode] = [
        .protocolError, .unsupportedData, .invalidPayload, .policyViolation, .messageTooBig, .mandatoryExtension,
        .internalError, .serviceRestart, .tryAgainLater, .badGateway, CloseCode(rawValue: 3000),
        CloseCode(rawValue: 4999),
    ]

    @Test(arguments: Role.both, Self.failures)
    func aCloseWithAnyOtherCodeIsAFailureAfterAllBeforeIt(role: Role, code: CloseCode) async throws {
        try await WebSocketPair.run(role) { pair in
            try await pair.peer.send(.binary("last"), .close(code, "why"))
            #expect(try await pair.read(4) == buffer("last"))
            await #expect {
                try await pair.endpoint.read()
            } throws: { error in
                guard case WebSocketError.closed(let reason) = error else { return false }
                return reason == CloseReason(code, "why")
            }
            // It is answered with its own code.
            pair.endpoint.abort(.failed)
            #expect(try await pair.peer.next() == .close(code))
            #expect(try await pair.peer.next() == nil)
        }
    }

    @Test(arguments: Role.both)
    func withHalfCloseAPeerThatGoesAwayWithoutAMarkerHasFailed(role: Role) async throws {
        try await WebSocketPair.run(role, halfClose: true) { pair in
            try await pair.peer.send(.close(.goingAway))
            await #expect(throws: WebSocketError.self) { _ = try await pair.endpoint.read() }
        }
    }

    @Test(arguments: Role.both)
    func nothingCountsBehindAClose(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            try await pair.peer.send(.close(.normal), .binary("x"), .ping("p"), .close(.internalError))
            #expect(try await pair.readsTheEnd())
            try pair.endpoint.finish()
            #expect(try await pair.peer.next() == .close(.normal))
        }
    }

    @Test(arguments: Role.both, [false, true])
    func anEndWithoutACloseIsAFailureAfterAllBeforeIt(role: Role, halfClose: Bool) async throws {
        try await WebSocketPair.run(role, halfClose: halfClose) { pair in
            try await pair.peer.send(.binary("last"))
            pair.streams.peer.finish()
            #expect(try await pair.read(4) == buffer("last"))
            await #expect {
                try await pair.endpoint.read()
            } throws: {
                if case WebSocketError.endedWithoutClose = $0 { true } else { false }
            }
        }
    }

    @Test(arguments: Role.both)
    func anEndInsideAFrameIsAFailure(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            try await pair.streams.peer.send(pair.peer.encoded([.binary("cut off")]).split(at: 9)[0])
            pair.streams.peer.finish()
            await #expect(throws: WebSocketError.self) { while try await pair.endpoint.read() != nil {} }
        }
    }

    /// Its other half never comes, so what is there may not pass for the whole.
    @Test(arguments: Role.both, [false, true])
    func aCloseInsideAMessageIsAFailureForMessages(role: Role, halfClose: Bool) async throws {
        try await WebSocketPair.run(role, halfClose: halfClose, keepsMessages: true) { pair in
            try await pair.peer.send(.text("half a mess", isFinal: false), .close(.normal))
            let chunk = try await pair.endpoint.read()
            #expect(chunk?.bytes == buffer("half a mess"))
            await #expect {
                try await pair.endpoint.read()
            } throws: { error in
                guard case WebSocketError.closedInsideMessage(let reason) = error else { return false }
                return reason == CloseReason(.normal)
            }
            // It is answered with its own code.
            pair.endpoint.abort(.failed)
            #expect(try await pair.peer.next() == .close(.normal))
            #expect(try await pair.peer.next() == nil)
        }
    }

    @Test(arguments: Role.both)
    func aCloseBehindAWholeMessageIsAnEndForMessages(role: Role) async throws {
        try await WebSocketPair.run(role, keepsMessages: true) { pair in
            try await pair.peer.send(.text("half", isFinal: false), .more(""), .close(.normal))
            for text in ["half", ""] {
                let chunk = try await pair.endpoint.read()
                #expect(chunk?.bytes == buffer(text))
            }
            #expect(try await pair.readsTheEnd())
        }
    }

    /// A byte stream has every byte that came, and knows of no messages.
    @Test(arguments: Role.both, [false, true])
    func aCloseInsideAMessageIsAnEndForBytes(role: Role, halfClose: Bool) async throws {
        try await WebSocketPair.run(role, halfClose: halfClose) { pair in
            try await pair.peer.send(.binary("all", isFinal: false), .close(.normal))
            #expect(try await pair.read(3) == buffer("all"))
            #expect(try await pair.readsTheEnd())
        }
    }

    @Test func aResetIsAFailure() async throws {
        try await WebSocketPair.run(.client, over: .tcp) { pair in
            try await pair.peer.send(.binary("last"))
            #expect(try await pair.read(4) == buffer("last"))
            pair.streams.peer.reset()
            await #expect(throws: StreamError.self) { _ = try await pair.endpoint.read() }
        }
    }

    // MARK: Our Close

    @Test(arguments: Role.both)
    func withoutHalfCloseFinishSendsClose(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            try await pair.endpoint.write(Chunk(buffer("last")))
            try pair.endpoint.finish()
            #expect(try await pair.peer.next() == .binary("last"))
            #expect(try await pair.peer.next() == .close(.normal))
            // What was on its way still arrives.
            try await pair.peer.send(.binary("late"), .close(.normal))
            #expect(try await pair.read(4) == buffer("late"))
            #expect(try await pair.readsTheEnd())
        }
    }

    @Test(arguments: Role.both)
    func aCloseIsSentOnlyOnce(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            try pair.endpoint.finish()
            try await pair.peer.send(.close(.normal))
            #expect(try await pair.readsTheEnd())
            let closing = pair.streams.start { try await pair.endpoint.close() }
            #expect(try await pair.peer.next() == .close(.normal))
            if role == .client { pair.streams.peer.finish() }
            #expect(try await pair.peer.next() == nil)
            pair.streams.peer.close()
            try await closing.value
        }
    }

    @Test(
        arguments: Role.both,
        [
            (AbortReason.otherSideFailed, CloseCode.internalError), (.goingAway, .goingAway),
            (.otherSideLeft, .internalError),
        ]
    )
    func anAbortTellsThePeerBehindAllThatWasWritten(role: Role, abort: (reason: AbortReason, code: CloseCode))
        async throws
    {
        try await WebSocketPair.run(role, over: .tcp) { pair in
            try await pair.endpoint.write(Chunk(pattern(100_000)))
            pair.endpoint.abort(abort.reason)
            #expect(try await pair.peer.next() == .binary(pattern(100_000)))
            let close = try #require(try await pair.peer.next())
            #expect(close.opcode == .close)
            #expect(close.closeCode == abort.code)
            await #expect(throws: (any Error).self) { try await pair.endpoint.write(Chunk(buffer("x"))) }
        }
    }

    /// Its end would have what stands between answer with a reset, which destroys the Close that is on its way.
    @Test(arguments: Role.both)
    func afterAnAbortTCPEndsWithThePeersCloseOnly(role: Role) async throws {
        try await WebSocketPair.run(role, over: .tcp) { pair in
            pair.endpoint.abort(.otherSideFailed)
            #expect(try await pair.peer.next()?.closeCode == .internalError)
            let closing = pair.streams.start { try await pair.endpoint.close() }
            try await pair.peer.send(.binary("on its way"), .ping("still here?"))
            try await pair.peer.send(.close(.internalError))
            if role == .client { pair.streams.peer.finish() }
            #expect(try await pair.peer.next() == nil)
            pair.streams.peer.close()
            try await closing.value
        }
    }

    @Test(arguments: Role.both)
    func afterAnAbortTheEndOfAPeerThatSendsNoCloseIsEnough(role: Role) async throws {
        try await WebSocketPair.run(role, over: .tcp) { pair in
            pair.endpoint.abort(.goingAway)
            #expect(try await pair.peer.next()?.closeCode == .goingAway)
            let closing = pair.streams.start { try await pair.endpoint.close() }
            pair.streams.peer.finish()
            #expect(try await pair.peer.next() == nil)
            pair.streams.peer.close()
            try await closing.value
        }
    }

    /// A peer without half-close may take 1001 for an end in order, so it is not told of who has left.
    @Test(arguments: [
        (AbortReason.otherSideFailed, CloseCode.internalError), (.goingAway, .goingAway), (.otherSideLeft, .goingAway),
    ])
    func withHalfCloseAnAbortSendsNoMarker(reason: AbortReason, code: CloseCode) async throws {
        try await WebSocketPair.run(.client, halfClose: true) { pair in
            pair.endpoint.abort(reason)
            pair.streams.peer.finish()
            let closing = pair.streams.start { try await pair.endpoint.close() }
            let frames = try await pair.peer.rest()
            try await closing.value
            #expect(frames.map(\.opcode) == [.close])
            #expect(frames.first?.closeCode == code)
        }
    }

    @Test func afterABrokenConnectionAnAbortSendsNothing() async throws {
        try await WebSocketPair.run(.client, over: .tcp) { pair in
            pair.endpoint.abort(.failed)
            #expect(await pair.streams.peer.errorAtEnd() == ECONNRESET)
        }
    }

    @Test(arguments: [AbortReason.otherSideFailed, .goingAway])
    func anAbortWakesAWaitingReader(reason: AbortReason) async throws {
        try await WebSocketPair.run(.client) { pair in
            let reading = pair.streams.start { _ = try await pair.endpoint.read() }
            try await pair.streams.turn()
            pair.endpoint.abort(reason)
            await #expect(throws: CancellationError.self) { try await reading.value }
        }
    }

    @Test(arguments: Role.both)
    func stopWakesAWaitingReaderAndWriter(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            let reading = pair.streams.start { _ = try await pair.endpoint.read() }
            let writing = pair.streams.start { try await pair.endpoint.write(Chunk(pattern(8 * 1024 * 1024))) }
            try await pair.streams.turn()
            pair.endpoint.stop()
            await #expect(throws: CancellationError.self) { try await reading.value }
            await #expect(throws: CancellationError.self) { try await writing.value }
        }
    }

    // MARK: Violations

    /// Bytes a peer must not send to a server, and the code it is told.
    static let violations: [([UInt8], CloseCode)] = [
        ([0x82, 0x01, 0x61], .protocolError),  // not masked
        ([0xC2, 0x80, 0, 0, 0, 0], .protocolError),  // RSV1
        ([0x83, 0x80, 0, 0, 0, 0], .protocolError),  // opcode 3
        ([0x8B, 0x80, 0, 0, 0, 0], .protocolError),  // opcode 11
        ([0x80, 0x80, 0, 0, 0, 0], .protocolError),  // a continuation of nothing
        ([0x09, 0x80, 0, 0, 0, 0], .protocolError),  // a Ping in fragments
        ([0x89, 0xFE, 0, 126], .protocolError),  // a Ping of 126 bytes
        ([0x82, 0xFE, 0, 125], .protocolError),  // a length that is not the shortest
        ([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], .protocolError),  // a length of 64 bits
        ([0x88, 0x81, 0, 0, 0, 0, 0x03], .protocolError),  // a Close of one byte
        ([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xED], .protocolError),  // 1005
        ([0x81, 0x81, 0, 0, 0, 0, 0xFF], .invalidPayload),
        ([0x88, 0x83, 0, 0, 0, 0, 0x03, 0xE8, 0xFF], .invalidPayload),
    ]

    /// However many reads they come in.
    @Test(arguments: [([0x48, 0x65, 0xFF, 0x6C], 2), ([0x48, 0xC3], 2), ([0xC3], 1)] as [([UInt8], Int)])
    func textIsDeliveredUpToItsFirstBadByte(text: [UInt8], good: Int) async throws {
        try await WebSocketPair.run(.server) { pair in
            let frame = ByteBuffer(bytes: [0x81, 0x80 | UInt8(text.count), 0, 0, 0, 0] + text)
            try await pair.streams.peer.send(frame)
            #expect(try await pair.read(good) == ByteBuffer(bytes: text.prefix(good)))
            await #expect {
                try await pair.endpoint.read()
            } throws: {
                if case WebSocketError.violation = $0 { true } else { false }
            }
        }
    }

    @Test(arguments: Self.violations)
    func aViolationIsReportedAfterAllBeforeItAndThePeerIsTold(bytes: [UInt8], code: CloseCode) async throws {
        try await WebSocketPair.run(.server) { pair in
            var sent = pair.peer.encoded([.binary("fine")])
            sent.writeBytes(bytes)
            try await pair.streams.peer.send(sent)
            #expect(try await pair.read(4) == buffer("fine"))
            await #expect {
                try await pair.endpoint.read()
            } throws: {
                if case WebSocketError.violation = $0 { true } else { false }
            }
            pair.endpoint.abort(.failed)
            let close = try #require(try await pair.peer.next())
            #expect(close.opcode == .close)
            #expect(close.closeCode == code)
            #expect(try await pair.peer.next() == nil)
        }
    }

    @Test func aMaskedFrameOfAServerIsAViolation() async throws {
        try await WebSocketPair.run(.client) { pair in
            try await pair.streams.peer.send(Frame.binary("x").encoded(by: .client))
            await #expect(throws: WebSocketError.self) { _ = try await pair.endpoint.read() }
            pair.endpoint.abort(.failed)
            #expect(try await pair.peer.next() == .close(.protocolError))
        }
    }

    // MARK: Pings

    @Test(arguments: Role.both, ["", "p", String(repeating: "p", count: 125)])
    func aPingIsAnsweredWithItsPayload(role: Role, payload: String) async throws {
        try await WebSocketPair.run(role) { pair in
            let reading = pair.streams.start { _ = try await pair.endpoint.read() }
            try await pair.peer.send(.ping(payload))
            #expect(try await pair.peer.next() == .pong(payload))
            pair.endpoint.stop()
            _ = try? await reading.value
        }
    }

    /// The pump that would read on is busy with the other side.
    @Test(arguments: Role.both)
    func aPingBehindDataIsAnsweredWhileTheDataWaits(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            try await pair.peer.send(.binary("data"), .ping("p"), .binary("more"))
            #expect(try await pair.endpoint.read()?.bytes.readableBytes ?? 0 > 0)
            #expect(try await pair.peer.next() == .pong("p"))
        }
    }

    @Test(arguments: Role.both)
    func pongsAreTakenWithoutAWord(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            try await pair.peer.send(.pong("unasked"), .pong(""), .binary("x"))
            #expect(try await pair.read(1) == buffer("x"))
        }
    }

    /// It goes out between two chunks, as soon as the socket has taken the first.
    @Test(arguments: Role.both)
    func aPingDuringALongWriteIsAnsweredBehindItsChunk(role: Role) async throws {
        try await WebSocketPair.run(role) { pair in
            let writing = pair.streams.start {
                try await pair.endpoint.write(Chunk(pattern(4 * 1024 * 1024)))
                try await pair.endpoint.write(Chunk(buffer("next")))
            }
            let reading = pair.streams.start { try await pair.endpoint.read()?.bytes }
            try await pair.streams.turn()
            try await pair.peer.send(.ping("p"), .binary("x"))
            // The Ping has been read by now, while the write still waits.
            #expect(try await reading.value == buffer("x"))
            #expect(!pair.streams.stream.isDrained)
            var rest = pattern(4 * 1024 * 1024)
            while let frame = rest.readSlice(length: 256 * 1024) {
                #expect(try await pair.peer.next() == .binary(frame))
            }
            let last = [try await pair.peer.next(), try await pair.peer.next()]
            #expect(last.contains(.pong("p")))
            #expect(last.contains(.binary("next")))
            try await writing.value
        }
    }

    @Test(arguments: Role.both)
    func aPingBetweenFragmentsIsAnsweredBetweenFragments(role: Role) async throws {
        try await WebSocketPair.run(role, keepsMessages: true) { pair in
            try await pair.endpoint.write(Chunk(buffer("a"), message: MessagePiece(isText: true, isFinal: false)))
            try await pair.peer.send(.text("x", isFinal: false), .ping("p"), .more("y"))
            for _ in 0..<2 { _ = try await pair.endpoint.read() }
            try await pair.endpoint.write(Chunk(buffer("b"), message: MessagePiece(isText: true, isFinal: true)))
            let expected: [Frame] = [.text("a", isFinal: false), .pong("p"), .more("b")]
            for frame in expected { #expect(try await pair.peer.next() == frame) }
        }
    }

    @Test(arguments: Role.both)
    func aSilentPeerIsPingedAgainAndAgain(role: Role) async throws {
        var options = WebSocketOptions()
        options.pingInterval = .milliseconds(10)
        try await WebSocketPair.run(role, options: options) { pair in
            let reading = pair.streams.start { try await pair.endpoint.read()?.bytes }
            for _ in 0..<3 {
                #expect(try await pair.peer.next() == .ping(""))
                try await pair.peer.send(.pong(""))
            }
            try await pair.peer.send(.binary("x"))
            #expect(try await reading.value == buffer("x"))
        }
    }

    @Test(arguments: Role.both)
    func aPeerThatDoesNotAnswerPingsIsGivenUp(role: Role) async throws {
        var options = WebSocketOptions()
        options.pingInterval = .milliseconds(10)
        options.pingTimeout = .milliseconds(30)
        try await WebSocketPair.run(role, options: options) { pair in
            await #expect {
                try await pair.endpoint.read()
            } throws: {
                if case WebSocketError.pingTimeout(after: .milliseconds(30)) = $0 { true } else { false }
            }
            pair.endpoint.abort(.failed)
            let frames = try await pair.peer.rest()
            #expect(Set(frames.map(\.opcode)) == [.ping])
        }
    }

    @Test func withAnIntervalOfZeroNobodyIsPinged() async throws {
        var options = WebSocketOptions()
        options.pingInterval = .zero
        try await WebSocketPair.run(.client, options: options) { pair in
            try await pair.endpoint.write(Chunk(buffer("x")))
            try pair.endpoint.finish()
            #expect(try await pair.peer.next() == .binary("x"))
            #expect(try await pair.peer.next() == .close(.normal))
        }
    }

    // MARK: How it ends

    @Test func withHalfCloseItsDirectionsEndByThemselves() async throws {
        for role in Role.both {
            try await WebSocketPair.run(role, halfClose: true) { pair in #expect(pair.endpoint.closing == .independent)
            }
        }
    }

    @Test(arguments: [(0, 5), (3, 5), (60, 60)])
    func withoutHalfCloseAClientLingersAndAServerDoesNot(linger: Int, serverAnswer: Int) async throws {
        var options = WebSocketOptions()
        options.linger = .seconds(linger)
        try await WebSocketPair.run(.client, options: options) { pair in
            #expect(pair.endpoint.closing == .together(patience: .seconds(linger), answer: .seconds(5)))
        }
        try await WebSocketPair.run(.server, options: options) { pair in
            #expect(pair.endpoint.closing == .together(patience: .zero, answer: .seconds(serverAnswer)))
        }
        options.endsWithInput = true
        try await WebSocketPair.run(.client, options: options) { pair in
            #expect(pair.endpoint.closing == .together(patience: .zero, answer: .seconds(serverAnswer)))
        }
    }
}
