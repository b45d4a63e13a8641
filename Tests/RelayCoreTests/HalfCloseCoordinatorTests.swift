// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import RelayCore
import Testing

@Suite("Shutdown rules")
struct HalfCloseCoordinatorTests {
    /// A WebSocket client and server without half-close, as the endpoints describe themselves.
    static let client = Closing.together(patience: .seconds(30), answer: .seconds(5))
    static let server = Closing.together(patience: .zero, answer: .seconds(30))
    static let all: [Closing] = [.independent, Self.client, Self.server]

    @Test(arguments: Self.all, Self.all)
    func everyOrderOfEventsKeepsTheRules(local: Closing, remote: Closing) {
        var walk = HalfCloseCoordinatorWalk(local: local, remote: remote)
        walk.run()
        #expect(walk.violations.isEmpty, "\(walk.violations.joined(separator: "\n"))")
        #expect(walk.deadEnds == 0)
        #expect(walk.endless == 0)
        #expect(walk.states > 1000)
        print("coordinator \(local) <-> \(remote): \(walk.states) states, \(walk.transitions) transitions")
    }

    @Test func theEndOfOneDirectionLeavesTheOtherOpen() {
        var link = HalfCloseCoordinator(local: .independent, remote: .independent)
        #expect(link.handle(.ended(.local)) == [])
        #expect(link.handle(.flushed(.remote)) == [.finish(.remote)])
        #expect(link.handle(.ended(.remote)) == [])
        #expect(link.handle(.flushed(.local)) == [.stopTimer, .finish(.local), .done(.ended)])
    }

    @Test func aClientWithoutHalfCloseLingersBeforeItCloses() {
        var link = HalfCloseCoordinator(local: .independent, remote: Self.client)
        #expect(link.handle(.ended(.local)) == [])
        #expect(link.handle(.flushed(.remote)) == [.startTimer(.seconds(30), idle: .remote)])
        #expect(link.handle(.timerFired(unsent: true)) == [.startTimer(.seconds(30), idle: .remote)])
        #expect(
            link.handle(.timerFired(unsent: false)) == [.finish(.remote), .startTimer(.seconds(5), idle: .remote)]
        )
        #expect(link.handle(.ended(.remote)) == [.stopTimer])
        #expect(link.handle(.flushed(.local)) == [.stopTimer, .finish(.local), .done(.ended)])
    }

    @Test func withoutLingerCloseIsSentAtOnceAndItsAnswerAwaited() {
        let closing = Closing.together(patience: .zero, answer: .seconds(5))
        var link = HalfCloseCoordinator(local: .independent, remote: closing)
        #expect(link.handle(.ended(.local)) == [])
        #expect(link.handle(.flushed(.remote)) == [.finish(.remote), .startTimer(.seconds(5), idle: .remote)])
    }

    @Test func aCloseWithoutAnswerEndsWithTheTimeForIt() {
        var link = HalfCloseCoordinator(local: .independent, remote: Self.client)
        _ = link.handle(.ended(.local))
        _ = link.handle(.flushed(.remote))
        _ = link.handle(.timerFired(unsent: false))
        #expect(link.handle(.timerFired(unsent: true)) == [.startTimer(.seconds(5), idle: .remote)])
        #expect(link.handle(.timerFired(unsent: false)) == [.finish(.local), .done(.ended)])
    }

    @Test func aServerClosesOnceItsServiceHasEndedAndIsFlushed() {
        var link = HalfCloseCoordinator(local: Self.server, remote: .independent)
        #expect(link.handle(.ended(.remote)) == [])
        #expect(link.handle(.flushed(.local)) == [.finish(.local), .startTimer(.seconds(30), idle: .local)])
    }

    @Test func aPeersCloseFinishesTheLocalSideAndIsAnsweredWhenThatHasEnded() {
        var link = HalfCloseCoordinator(local: .independent, remote: Self.client)
        #expect(link.handle(.ended(.remote)) == [.startTimer(HalfCloseCoordinator.courtesy, idle: .local)])
        #expect(link.handle(.flushed(.local)) == [.finish(.local)])
        #expect(link.handle(.ended(.local)) == [])
        #expect(link.handle(.flushed(.remote)) == [.stopTimer, .finish(.remote), .done(.ended)])
    }

    @Test func aPeersCloseIsAnsweredAfterTheCourtesyWhenTheLocalSideKeepsSilent() {
        var link = HalfCloseCoordinator(local: .independent, remote: Self.client)
        _ = link.handle(.ended(.remote))
        _ = link.handle(.flushed(.local))
        #expect(link.handle(.timerFired(unsent: false)) == [.finish(.remote), .done(.ended)])
    }

    @Test func bytesThatAClosedPeerDoesNotTakeAreAFailure() {
        var link = HalfCloseCoordinator(local: .independent, remote: Self.client)
        _ = link.handle(.ended(.remote))
        _ = link.handle(.flushed(.local))
        let actions = link.handle(.timerFired(unsent: true))
        let error = LinkError.closedBeforeTakingAll(after: HalfCloseCoordinator.courtesy)
        #expect(actions.last == .done(.gaveUp(.remote, error)))
    }

    @Test func aCloseAfterTheEndOfItsDirectionLeavesTheOtherSideItsCourtesy() {
        var link = HalfCloseCoordinator(local: .independent, remote: .independent)
        #expect(link.handle(.ended(.remote)) == [])
        #expect(link.handle(.flushed(.local)) == [.finish(.local)])
        #expect(link.handle(.closed(.remote)) == [.startTimer(HalfCloseCoordinator.courtesy, idle: .local)])
        #expect(link.handle(.timerFired(unsent: false)) == [.finish(.remote), .done(.ended)])
    }

    @Test func aCloseAfterBothEndsChangesNothing() {
        var link = HalfCloseCoordinator(local: .independent, remote: .independent)
        _ = link.handle(.ended(.local))
        _ = link.handle(.flushed(.remote))
        _ = link.handle(.ended(.remote))
        #expect(link.handle(.closed(.remote)) == [])
        #expect(link.handle(.flushed(.local)) == [.stopTimer, .finish(.local), .done(.ended)])
    }

    @Test func aFailedReaderAbortsBothSides() {
        var link = HalfCloseCoordinator(local: .independent, remote: .independent)
        #expect(
            link.handle(.readFailed(.remote)) == [
                .stopTimer, .abort(.remote, .failed), .abort(.local, .otherSideFailed), .done(.failed(.remote)),
            ]
        )
    }

    @Test func whatAFailedSideSentIsDeliveredBeforeTheOtherIsAborted() {
        var link = HalfCloseCoordinator(local: .independent, remote: .independent)
        #expect(
            link.handle(.writeFailed(.remote)) == [
                .abort(.remote, .failed), .startTimer(HalfCloseCoordinator.lastDelivery, idle: .remote),
            ]
        )
        #expect(link.handle(.readFailed(.remote)).contains(.abort(.local, .otherSideFailed)))
    }

    @Test func nothingHappensAfterTheEnd() {
        var link = HalfCloseCoordinator(local: .independent, remote: .independent)
        _ = link.handle(.cancelled)
        #expect(link.isDone)
        for event: HalfCloseCoordinator.Event in [
            .ended(.local), .flushed(.remote), .readFailed(.local), .writeFailed(.remote), .timerFired(unsent: false),
            .cancelled,
        ] {
            #expect(link.handle(event) == [])
        }
    }
}
