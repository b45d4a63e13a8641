// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import WebSocketCore

@testable import Endpoints

/// A WebSocket endpoint on an event loop, and its peer.
struct WebSocketPair: Sendable {
    let endpoint: WebSocketEndpoint
    let peer: FramePeer
    let streams: StreamPair

    /// Runs `body` on the endpoint's event loop, as the pumps of a link run, and takes the pair down.
    ///
    /// - Parameter role: the endpoint's; the peer has the other.
    static func run<Result: Sendable>(
        _ role: Role,
        halfClose: Bool = false,
        keepsMessages: Bool = false,
        over transport: Transport = .unix,
        options: WebSocketOptions = .unhurried,
        _ body: @escaping @Sendable (WebSocketPair) async throws -> Result
    ) async throws -> Result {
        var options = options
        options.halfClose = halfClose
        options.keepsMessages = keepsMessages
        // The peer answers in each test; how soon is a matter of the machine.
        options.abortPatience = .seconds(20)
        let settled = options
        return try await StreamPair.run(transport) { streams in
            let endpoint = WebSocketEndpoint(
                name: "ws://test/",
                role: role,
                stream: streams.stream,
                options: settled,
                executor: streams.executor,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            let peer = FramePeer(streams.peer, role: role == .client ? .server : .client)
            let pair = WebSocketPair(endpoint: endpoint, peer: peer, streams: streams)
            do {
                let result = try await body(pair)
                await pair.takeDown()
                return result
            } catch {
                await pair.takeDown()
                throw error
            }
        }
    }

    private func takeDown() async {
        self.streams.peer.close()
        self.streams.stream.stop()
        self.streams.stream.reset()
        try? await self.endpoint.close()
    }

    /// Reads chunks until there are so many bytes.
    func read(_ count: Int) async throws -> ByteBuffer {
        var all = ByteBuffer()
        while all.readableBytes < count, let chunk = try await self.endpoint.read() {
            all.writeImmutableBuffer(chunk.bytes)
        }
        return all
    }

    /// Whether the next read is the end.
    func readsTheEnd() async throws -> Bool {
        try await self.endpoint.read() == nil
    }
}

extension Role {
    static let both: [Role] = [.client, .server]
}

extension WebSocketOptions {
    /// Its peers may be as slow as the machine: what is no test of Pings has none that goes unanswered.
    fileprivate static var unhurried: Self {
        var options = Self()
        options.pingTimeout = .seconds(120)
        return options
    }
}
