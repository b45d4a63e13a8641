// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOEmbedded

@testable import Endpoints

extension FuzzTarget {
    /// What a client sends to a listener: request, then frames. From the socket to the pump, as in the product.
    static let requests = FuzzTarget(name: "requests") {
        let loop = SessionLoop()
        return { bytes in
            var first: RequestTarget.Result?
            for pieces in cuts(of: bytes) {
                let result = try RequestTarget.session(pieces, loop)
                try promise(result == first ?? result, "a cut changes nothing: \(result), not \(first as Any)")
                first = result
            }
            return first?.outcome.isOpen == true && first?.outcome.error == nil ? .accepted : .refused
        }
    }
}

enum RequestTarget {
    struct Result: Equatable {
        var status: String
        var outcome: Session.Outcome
    }

    /// - Parameter endsWhenOver: The client goes once it has been refused; otherwise it sends all it has.
    static func session(
        _ pieces: some Sequence<ByteBuffer>,
        _ loop: SessionLoop,
        endsWhenOver: Bool = false
    ) throws -> Result {
        let wire = Wire()
        let channel = try EmbeddedChannel.connected(over: wire, on: loop.loop)
        try HandshakePipeline.addServer(to: channel, headLimit: LinkOptions().headLimit)
        var options = LinkOptions()
        options.subprotocols = ["chat", "ssh"]
        let connection = IncomingConnection(
            address: .webSocketListen(isSecure: false, HostAndPort("127.0.0.1", 80), path: "/chat"),
            channel: channel,
            executor: loop.executor,
            options: options,
            log: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
        )
        let session = Session()
        Task.detached(executorPreference: loop.executor) {
            await session.run { try await connection.open(keepsMessages: false) { DiscardEndpoint() }?.incoming }
        }
        loop.loop.run()
        for piece in pieces {
            if endsWhenOver, session.isOver { break }
            channel.deliver(piece)
        }
        channel.end()
        try session.check()
        return Result(status: try Self.status(wire.written, isOpen: session.outcome.isOpen), outcome: session.outcome)
    }

    /// The status of the one answer; behind a 101 come frames, behind another a body of one line.
    private static func status(_ written: ByteBuffer, isOpen: Bool) throws -> String {
        guard written.readableBytes > 0 else { return "" }
        var written = written
        let end = Array("\r\n\r\n".utf8)
        guard let range = written.readableBytesView.firstRange(of: end),
            let head = written.readString(length: range.upperBound - written.readerIndex)
        else { throw BrokenPromise(description: "an answer has a head") }
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: true)
        for line in lines { try promiseOneLine(String(line)) }
        let status = lines.first?.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        try promise(isOpen ? status == "101" : true, "a WebSocket opens with 101")
        if status == "101" {
            try promiseFrames(written, to: .client)
        } else {
            try promise((400...599).contains(Int(status) ?? 0), "an answer has a status: \(head)")
            try promiseOneLine(String(String(buffer: written).dropLast()))
        }
        return status
    }
}
