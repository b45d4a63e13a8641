// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore
import Testing
import WebSocketCore

@testable import Endpoints

@Suite("WebSocket endpoint, orders of events")
struct WebSocketEndpointOrdersTests {
    private enum Event: CaseIterable {
        case write, finish, peerSends, peerPings, peerEnds
    }

    /// All orders in which each side speaks before it ends. A Close also ends the peer's Pings, the marker doesn't.
    private static func orders(halfClose: Bool) -> [[Event]] {
        self.permutations(of: Event.allCases).filter { order in
            func comes(_ first: Event, before second: Event) -> Bool {
                (order.firstIndex(of: first) ?? 0) < (order.firstIndex(of: second) ?? 0)
            }
            return comes(.write, before: .finish) && comes(.peerSends, before: .peerEnds)
                && (halfClose || comes(.peerPings, before: .peerEnds))
        }
    }

    private static func permutations(of events: [Event]) -> [[Event]] {
        guard !events.isEmpty else { return [[]] }
        return events.flatMap { first in
            self.permutations(of: events.filter { $0 != first }).map { [first] + $0 }
        }
    }

    @Test(arguments: Role.both, [false, true])
    func inEveryOrderEachSideGetsAllAndOneClose(role: Role, halfClose: Bool) async throws {
        let orders = Self.orders(halfClose: halfClose)
        #expect(orders.count == (halfClose ? 30 : 20))
        for order in orders {
            try await WebSocketPair.run(role, halfClose: halfClose) { pair in
                try await Self.run(order, on: pair, role, halfClose: halfClose)
            }
        }
    }

    private static func run(_ order: [Event], on pair: WebSocketPair, _ role: Role, halfClose: Bool) async throws {
        let reading = pair.streams.start {
            var all = ByteBuffer()
            while let chunk = try await pair.endpoint.read() { all.writeImmutableBuffer(chunk.bytes) }
            return all
        }
        var frames: [Frame] = []
        for event in order {
            switch event {
            case .write: try await pair.endpoint.write(Chunk(buffer("to the peer")))
            case .finish: try pair.endpoint.finish()
            case .peerSends: try await pair.peer.send(.binary("from the peer"))
            case .peerEnds: try await pair.peer.send(halfClose ? .marker : .close(.normal))
            case .peerPings:
                try await pair.peer.send(.ping("p"))
                // Behind our Close there is no answer.
                if !halfClose, order.prefix(while: { $0 != event }).contains(.finish) { continue }
                while frames.last != .pong("p") { frames.append(try #require(try await pair.peer.next())) }
            }
        }
        #expect(try await reading.value == buffer("from the peer"), "\(order)")

        let closing = pair.streams.start { try await pair.endpoint.close() }
        if halfClose, role == .server { try await pair.peer.send(.close(.normal)) }
        while let frame = try await pair.peer.next() {
            frames.append(frame)
            guard role == .client, frame.opcode == .close else { continue }
            if halfClose { try await pair.peer.send(.close(.normal)) }
            // The server ends TCP first.
            pair.streams.peer.finish()
        }
        pair.streams.peer.close()
        try await closing.value
        let ours: [Frame] = [.binary("to the peer")] + (halfClose ? [.marker] : []) + [.close(.normal)]
        #expect(frames.filter { $0 != .pong("p") } == ours, "\(order)")
        #expect(frames.last == .close(.normal), "\(order)")
    }
}
