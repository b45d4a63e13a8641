// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import RelayCore
import Testing

@testable import Endpoints

@Suite("Byte stream endpoint")
struct ByteStreamEndpointTests {
    @Test(arguments: Transport.allCases)
    func bytesGoBothWaysAndEachEndsByItself(transport: Transport) async throws {
        try await StreamPair.run(transport) { pair in
            let endpoint = ByteStreamEndpoint(name: "tcp:h:1", stream: pair.stream)
            #expect(endpoint.name == "tcp:h:1")
            #expect(endpoint.closing == .independent)
            #expect(!endpoint.carriesMessages)
            try await endpoint.write(Chunk(buffer("out"), message: MessagePiece(isText: true, isFinal: true)))
            try endpoint.finish()
            #expect(try await pair.peer.receiveToEnd() == buffer("out"))
            try await pair.peer.send(buffer("in"))
            pair.peer.finish()
            let chunk = try await endpoint.read()
            #expect(chunk?.bytes == buffer("in"))
            #expect(chunk?.message == nil)
            let end = try await endpoint.read()
            #expect(end == nil)
        }
    }

    @Test(arguments: [AbortReason.failed, .otherSideFailed, .otherSideLeft, .goingAway])
    func anAbortIsAResetForThePeer(reason: AbortReason) async throws {
        try await StreamPair.run(.tcp) { pair in
            let endpoint = ByteStreamEndpoint(name: "tcp", stream: pair.stream)
            let reading = pair.start { _ = try await endpoint.read() }
            try await pair.turn()
            endpoint.abort(reason)
            #expect(await pair.peer.errorAtEnd() == ECONNRESET)
            await #expect(throws: (any Error).self) { try await reading.value }
            await #expect(throws: (any Error).self) { try await endpoint.write(Chunk(buffer("x"))) }
        }
    }

    /// A reset destroys what our kernel still holds.
    @Test(arguments: [AbortReason.otherSideFailed, .otherSideLeft, .goingAway])
    func whatWasWrittenIsDeliveredBeforeTheReset(reason: AbortReason) async throws {
        try await StreamPair.run(.tcp) { pair in
            let endpoint = ByteStreamEndpoint(name: "tcp", stream: pair.stream)
            let size = 16 * 1024 * 1024
            let writing = pair.start { try await endpoint.write(Chunk(pattern(size))) }
            // All but what fits into the sockets.
            let first = try await pair.peer.receive(size - 20_000)
            try await writing.value
            endpoint.abort(reason)
            let rest = try await pair.peer.receive(20_000)
            #expect(first.readableBytes + rest.readableBytes == size)
            #expect(await pair.peer.errorAtEnd() == ECONNRESET)
            await endpoint.close()
        }
    }

    @Test func stopWakesBothDirections() async throws {
        try await StreamPair.run(.unix) { pair in
            let endpoint = ByteStreamEndpoint(name: "unix", stream: pair.stream)
            let reading = pair.start { _ = try await endpoint.read() }
            let writing = pair.start { try await endpoint.write(Chunk(pattern(8 * 1024 * 1024))) }
            try await pair.turn()
            endpoint.stop()
            await #expect(throws: CancellationError.self) { try await reading.value }
            await #expect(throws: CancellationError.self) { try await writing.value }
        }
    }

    @Test func closeWaitsForWhatLivesBehindIt() async throws {
        let hasClosed = Flag()
        let endpoint = ByteStreamEndpoint(
            name: "exec:x",
            source: ScriptedSource([]),
            sink: CollectingSink(),
            onClose: { hasClosed.set() }
        )
        await endpoint.close()
        #expect(hasClosed.isSet)
    }

    @Test func anAbortReachesWhatLivesBehindIt() {
        let reasons = Seen<AbortReason>()
        let endpoint = ByteStreamEndpoint(
            name: "exec:x",
            source: ScriptedSource([]),
            sink: CollectingSink(),
            onAbort: { reasons.append($0) }
        )
        endpoint.abort(.goingAway)
        #expect(reasons.all == [.goingAway])
    }
}
