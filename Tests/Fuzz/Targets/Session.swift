// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import RelayCore

@testable import Endpoints
@testable import WebSocketCore

/// The loop of one thread, on which a handshake and the WebSocket after it run as they do on a socket's.
final class SessionLoop {
    let loop = EmbeddedEventLoop()
    let executor: EventLoopExecutor

    init() {
        self.executor = EventLoopExecutor(self.loop)
    }
}

/// What became of one peer's bytes.
///
/// `@unchecked Sendable` holds because the task that fills it in runs on the `EmbeddedEventLoop` of the thread that
/// reads it.
final class Session: @unchecked Sendable {
    struct Outcome: Equatable {
        /// The WebSocket was opened.
        var isOpen = false
        /// Payload, as a byte stream would get it.
        var delivered: [UInt8] = []
        /// How it ended: in order (`nil`), or by which error.
        var error: String?
    }

    private(set) var outcome = Outcome()
    private(set) var isOver = false

    /// Opens a WebSocket, reads it to its end as a pump would, and closes it.
    func run(_ open: () async throws -> (any Endpoint)?) async {
        do {
            guard let endpoint = try await open() else { return self.isOver = true }
            self.outcome.isOpen = true
            endpoint.onOutputLost = { self.outcome.error = "\($0)" }
            do {
                while let chunk = try await endpoint.read() {
                    self.outcome.delivered += chunk.bytes.readableBytesView
                }
                try endpoint.finish()
                try await endpoint.close()
            } catch {
                // As with a link, the first error is the one to show.
                self.outcome.error = self.outcome.error ?? "\(error)"
                endpoint.abort(.failed)
                try? await endpoint.close()
            }
        } catch {
            self.outcome.error = "\(error)"
        }
        self.isOver = true
    }

    /// Whatever a peer sends, a session ends with it, and shows one line at most.
    func check() throws {
        try promise(self.isOver, "a session ends when its peer is gone")
        if let error = self.outcome.error { try promiseOneLine(error) }
    }
}

/// What we send must be right whatever we get.
func promiseFrames(_ bytes: ByteBuffer, to role: Role) throws {
    var reader = FrameReader(role: role)
    var input = bytes
    do throws(ProtocolViolation) {
        while try reader.next(from: &input) != nil {}
    } catch {
        throw BrokenPromise(description: "what is sent keeps the rules: \(error)")
    }
}
