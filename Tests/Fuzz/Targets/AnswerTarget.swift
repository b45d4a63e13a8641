// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOEmbedded

@testable import Endpoints
@testable import WebSocketCore

extension FuzzTarget {
    /// What a server sends to a client that asks for a WebSocket: answer, then frames. From the socket to the pump.
    /// The key asked with is the one of RFC 6455 §1.3.
    static let answers = FuzzTarget(name: "answers") {
        let loop = SessionLoop()
        return { bytes in
            var first: Session.Outcome?
            for pieces in cuts(of: bytes) {
                let outcome = try AnswerTarget.session(pieces, loop)
                try promise(outcome == first ?? outcome, "a cut changes nothing: \(outcome), not \(first as Any)")
                first = outcome
            }
            return first?.isOpen == true && first?.error == nil ? .accepted : .refused
        }
    }
}

enum AnswerTarget {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    /// - Parameter endsWhenOver: The server goes once it has been refused; otherwise it sends all it has.
    static func session(
        _ pieces: some Sequence<ByteBuffer>,
        _ loop: SessionLoop,
        endsWhenOver: Bool = false
    ) throws -> Session.Outcome {
        let wire = Wire()
        let channel = try EmbeddedChannel.connected(over: wire, on: loop.loop)
        try HandshakePipeline.addClient(to: channel, headLimit: LinkOptions().headLimit)
        guard let key = SecWebSocketKey(headerValue: Self.key) else { return Session.Outcome() }
        let request = ClientHandshake(
            uri: "/chat",
            host: "server.test",
            key: key,
            subprotocols: ["chat", "ssh"],
            offers: [.halfClose]
        )
        let log = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
        let opening = WebSocketOpening(
            channel: channel,
            kind: .tcp,
            isSecure: false,
            executor: loop.executor,
            clock: OpeningClock(OpeningLimits()),
            options: LinkOptions(),
            steps: DialSteps(name: "ws://server.test/chat", log: log, observer: nil)
        )
        let session = Session()
        Task.detached(executorPreference: loop.executor) {
            await session.run { try await opening.open(request, name: "ws://server.test/chat", keepsMessages: false) }
        }
        loop.loop.run()
        let asked = String(buffer: wire.takeWritten())
        try promise(asked.hasPrefix("GET /chat HTTP/1.1\r\n") && asked.hasSuffix("\r\n\r\n"), "the client asks first")
        for piece in pieces {
            if endsWhenOver, session.isOver { break }
            channel.deliver(piece)
        }
        channel.end()
        try session.check()
        try promiseFrames(wire.written, to: .server)
        return session.outcome
    }
}
