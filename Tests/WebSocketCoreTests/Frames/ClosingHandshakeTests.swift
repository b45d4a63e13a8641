// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketCore

@Suite("Closing handshake, RFC 6455 §7.1")
struct ClosingHandshakeTests {
    private enum Event: CaseIterable {
        case close, received, receivedNoReason, sent, transportEnded
    }

    /// What has happened, said plainly, to hold the state machine against.
    private struct Facts {
        var ourCloseIsAskedFor = false
        var ourCloseIsOut = false
        var theirClose: CloseReason??
        var outcome: ClosingHandshake.Outcome?
    }

    private struct World {
        var handshake: ClosingHandshake
        var facts: Facts

        /// Tells states apart, which are private.
        var text: String { "\(self.handshake) \(self.facts)" }
    }

    private static let ours = CloseReason(.normal, "ours")
    private static let theirs = CloseReason(.goingAway, "theirs")

    @Test(arguments: [Role.client, .server])
    func everyEventInEveryStateKeepsTheRules(role: Role) {
        let start = World(handshake: ClosingHandshake(role: role), facts: Facts())
        var seen: Set<String> = [start.text]
        var queue = [start]
        var transitions = 0
        var index = 0
        while index < queue.count {
            for event in Event.allCases {
                transitions += 1
                var world = queue[index]
                self.step(event, &world.handshake, &world.facts, role)
                if seen.insert(world.text).inserted { queue.append(world) }
            }
            index += 1
        }
        // None or ours asked for or out; theirs of two kinds, answered or not: each before and after the end of TCP.
        #expect(seen.count == 14)
        print("closing handshake, \(role): \(seen.count) states, \(transitions) transitions")
    }

    private func step(_ event: Event, _ handshake: inout ClosingHandshake, _ facts: inout Facts, _ role: Role) {
        let isOver = facts.outcome != nil
        let closeIsMet = facts.theirClose != nil
        switch event {
        case .close:
            let sends = !isOver && !facts.ourCloseIsAskedFor
            require(handshake.close(Self.ours) == (sends ? .send(Self.ours) : .nothing))
            if sends { facts.ourCloseIsAskedFor = true }
        case .received, .receivedNoReason:
            let reason = event == .received ? Self.theirs : nil
            let answer = handshake.received(reason)
            if isOver || closeIsMet {
                require(answer == .nothing)
            } else if facts.ourCloseIsOut {
                require(answer == (role == .server ? .endTransport : .awaitTransportEnd))
            } else if facts.ourCloseIsAskedFor {
                require(answer == .awaitSent)
            } else {
                require(answer == .reply(reason.map { CloseReason($0.code) }))
                facts.ourCloseIsAskedFor = true
            }
            if !isOver, !closeIsMet { facts.theirClose = .some(reason) }
        case .sent:
            let answer = handshake.sent()
            if isOver || !facts.ourCloseIsAskedFor || facts.ourCloseIsOut {
                require(answer == .nothing)
            } else {
                facts.ourCloseIsOut = true
                require(answer == (!closeIsMet ? .awaitClose : role == .server ? .endTransport : .awaitTransportEnd))
            }
        case .transportEnded:
            let outcome = handshake.transportEnded()
            let expected: ClosingHandshake.Outcome =
                switch facts.theirClose {
                case .none: .unclean(CloseReason(.abnormal))
                case .some(let reason) where facts.ourCloseIsOut: .clean(reason ?? CloseReason(.noStatus))
                case .some(let reason): .unclean(reason ?? CloseReason(.noStatus))
                }
            require(outcome == facts.outcome ?? expected)
            facts.outcome = outcome
        }
    }

    /// Like `#expect`, but cheap enough for each step of the walk.
    private func require(_ isTrue: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
        if !isTrue { Issue.record("the rule on this line is broken", sourceLocation: sourceLocation) }
    }

    @Test func theServerEndsTCPFirst() {
        var server = ClosingHandshake(role: .server)
        #expect(server.received(Self.theirs) == .reply(CloseReason(.goingAway)))
        #expect(server.sent() == .endTransport)
        #expect(server.transportEnded() == .clean(Self.theirs))
        var client = ClosingHandshake(role: .client)
        #expect(client.close(Self.ours) == .send(Self.ours))
        #expect(client.sent() == .awaitClose)
        #expect(client.received(nil) == .awaitTransportEnd)
        #expect(client.transportEnded() == .clean(CloseReason(.noStatus)))
    }

    @Test func closesThatCrossAreClean() {
        var client = ClosingHandshake(role: .client)
        #expect(client.close(nil) == .send(nil))
        #expect(client.received(Self.theirs) == .awaitSent)
        #expect(client.sent() == .awaitTransportEnd)
        #expect(client.transportEnded() == .clean(Self.theirs))
    }

    @Test func tcpThatEndsWithoutACloseIsNot() {
        var open = ClosingHandshake(role: .client)
        #expect(open.transportEnded() == .unclean(CloseReason(.abnormal)))
        #expect(open.close(nil) == .nothing)
    }
}
