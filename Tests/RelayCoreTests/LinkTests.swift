// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore
import Testing

@Suite("Link")
struct LinkTests {
    /// A link that runs, and both of its peers.
    ///
    /// `@unchecked Sendable` holds because a test uses it on the executor only.
    private final class Running: @unchecked Sendable {
        let executor = ManualExecutor()
        let local: ScriptedEndpoint
        let remote: ScriptedEndpoint
        let link: Link
        private var task: Task<LinkOutcome, Never>?
        private(set) var outcome: LinkOutcome?

        init(local: Closing, remote: Closing) {
            self.local = ScriptedEndpoint("local", closing: local)
            self.remote = ScriptedEndpoint("remote", closing: remote)
            self.link = Link(local: self.local, remote: self.remote, executor: self.executor)
        }

        func start() {
            self.task = Task.detached(executorPreference: self.executor) {
                let outcome = await self.link.run()
                self.outcome = outcome
                return outcome
            }
        }

        func settle() async { await self.executor.settle() }

        func wait() async -> LinkOutcome { await self.task?.value ?? .cancelled }
    }

    private static func run(
        local: Closing = .independent,
        remote: Closing = .independent,
        _ body: @escaping @Sendable (Running) async throws -> Void
    ) async throws {
        let running = Running(local: local, remote: remote)
        try await withTaskExecutorPreference(running.executor) {
            running.start()
            await running.settle()
            try await body(running)
        }
    }

    private static func expectEnded(_ outcome: LinkOutcome, sourceLocation: SourceLocation = #_sourceLocation) {
        guard case .ended = outcome else {
            Issue.record("\(outcome)", sourceLocation: sourceLocation)
            return
        }
    }

    private static func expectFailed(
        _ outcome: LinkOutcome,
        _ side: Side,
        _ reason: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard case .failed(side, let error as ScriptedEndpoint.Failure) = outcome, error.reason == reason else {
            Issue.record("\(outcome)", sourceLocation: sourceLocation)
            return
        }
    }

    // MARK: Bytes

    @Test func bytesGoBothWaysAndAreCounted() async throws {
        try await Self.run { on in
            on.local.say("hello")
            on.remote.say("ab")
            on.local.say(", world")
            await on.settle()
            #expect(on.remote.writtenText == "hello, world")
            #expect(on.local.writtenText == "ab")
            #expect(on.link.counters.bytesToRemote == 12)
            #expect(on.link.counters.bytesToLocal == 2)
            on.local.end()
            on.remote.end()
            Self.expectEnded(await on.wait())
        }
    }

    @Test func chunksArriveAsTheyWereRead() async throws {
        try await Self.run { on in
            let piece = MessagePiece(isText: true, isFinal: false)
            on.local.say("a", message: piece, hasMore: true)
            on.local.say("", message: MessagePiece(isText: true, isFinal: true))
            await on.settle()
            #expect(on.remote.written.map(\.message) == [piece, MessagePiece(isText: true, isFinal: true)])
            #expect(on.remote.written.map(\.hasMore) == [true, false])
            on.link.cancel()
            _ = await on.wait()
        }
    }

    @Test func onlyBytesThatWereAcceptedAreCounted() async throws {
        try await Self.run { on in
            on.remote.isFull = true
            on.local.say("hello")
            await on.settle()
            #expect(on.link.counters.bytesToRemote == 0)
            on.remote.isFull = false
            await on.settle()
            #expect(on.link.counters.bytesToRemote == 5)
            on.link.cancel()
            _ = await on.wait()
        }
    }

    @Test(arguments: Side.allCases)
    func aFullSideHoldsBackItsSourceAndNotTheOtherDirection(full: Side) async throws {
        try await Self.run { on in
            let (sink, source) = full == .local ? (on.local, on.remote) : (on.remote, on.local)
            sink.isFull = true
            source.say("a")
            source.say("b")
            for _ in 0..<10 { sink.say("x") }
            await on.settle()
            #expect(source.writtenText == "xxxxxxxxxx")
            #expect(sink.written.isEmpty)
            sink.isFull = false
            await on.settle()
            #expect(sink.writtenText == "ab")
            on.link.cancel()
            _ = await on.wait()
        }
    }

    // MARK: Orderly ends

    @Test(arguments: Side.allCases)
    func theEndOfOneDirectionDoesNotCutTheOther(first: Side) async throws {
        try await Self.run { on in
            let (ends, goesOn) = first == .local ? (on.local, on.remote) : (on.remote, on.local)
            ends.say("last")
            ends.end()
            await on.settle()
            #expect(goesOn.writtenText == "last")
            #expect(goesOn.events == [.finish])
            #expect(on.outcome == nil)
            goesOn.say("still here")
            await on.settle()
            #expect(ends.writtenText == "still here")
            goesOn.end()
            Self.expectEnded(await on.wait())
            #expect(ends.events == [.finish])
            #expect(goesOn.events == [.finish])
        }
    }

    @Test func aSideIsFinishedOnlyAfterItTookEverything() async throws {
        try await Self.run { on in
            on.remote.isFull = true
            on.local.say("last")
            on.local.end()
            await on.settle()
            #expect(on.remote.events.isEmpty)
            on.remote.isFull = false
            await on.settle()
            #expect(on.remote.writtenText == "last")
            #expect(on.remote.events == [.finish])
            on.remote.end()
            Self.expectEnded(await on.wait())
        }
    }

    @Test func closeClosesBothEnds() async throws {
        try await Self.run { on in
            on.local.end()
            on.remote.end()
            Self.expectEnded(await on.wait())
            let failure = await on.link.close()
            if let failure { Issue.record("\(failure)") }
            #expect(on.local.events == [.finish, .close])
            #expect(on.remote.events == [.finish, .close])
        }
    }

    // MARK: Failures

    @Test(arguments: Side.allCases)
    func aFailureAbortsTheOtherSideAfterDelivering(failed: Side) async throws {
        try await Self.run { on in
            let (fails, other) = failed == .local ? (on.local, on.remote) : (on.remote, on.local)
            other.isFull = true
            fails.say("last words")
            fails.fail("reset")
            await on.settle()
            #expect(other.events.isEmpty)
            other.isFull = false
            Self.expectFailed(await on.wait(), failed, "reset")
            #expect(other.writtenText == "last words")
            #expect(other.events == [.abort(.otherSideFailed)])
            #expect(fails.events == [.abort(.failed)])
        }
    }

    @Test func whatASideSentBeforeAWriteToItFailedIsDelivered() async throws {
        try await Self.run { on in
            on.remote.writeFailure = .init(reason: "broken pipe")
            on.local.say("x")
            await on.settle()
            #expect(on.remote.events == [.abort(.failed)])
            #expect(on.outcome == nil)
            on.remote.say("why it failed")
            on.remote.fail("reset")
            // The first error is the one that counts.
            Self.expectFailed(await on.wait(), .remote, "broken pipe")
            #expect(on.local.writtenText == "why it failed")
            #expect(on.local.events == [.abort(.otherSideFailed)])
        }
    }

    @Test func anOrderlyEndAfterAFailedWriteIsStillAFailure() async throws {
        try await Self.run { on in
            on.remote.writeFailure = .init(reason: "broken pipe")
            on.local.say("x")
            await on.settle()
            on.remote.end()
            Self.expectFailed(await on.wait(), .remote, "broken pipe")
            #expect(on.local.events == [.abort(.otherSideFailed)])
        }
    }

    @Test func anOutputLostWhileNothingIsWrittenEndsTheLink() async throws {
        try await Self.run { on in
            on.local.onOutputLost?(ScriptedEndpoint.Failure(reason: "gone"))
            await on.settle()
            // Its input may go on: stdin of a program that closed stdout.
            on.local.end()
            Self.expectFailed(await on.wait(), .local, "gone")
            #expect(on.remote.events == [.abort(.otherSideFailed)])
        }
    }

    /// It may take nothing before it has said all, as an echo does.
    @Test func whomNobodyTakesFromAnyMoreIsStillReadAndStillGetsWhatItIsOwed() async throws {
        try await Self.run { on in
            on.local.isFull = true
            on.remote.say("owed")
            on.remote.writeFailure = .init(reason: "broken pipe")
            for _ in 0..<3 { on.local.say("x") }
            await on.settle()
            #expect(on.local.unread == 0)
            on.local.isFull = false
            on.remote.end()
            Self.expectFailed(await on.wait(), .remote, "broken pipe")
            #expect(on.local.writtenText == "owed")
            #expect(on.local.events == [.abort(.otherSideFailed)])
        }
    }

    @Test func lastBytesThatAreNotTakenDoNotHoldALinkForEver() async throws {
        try await Self.run { on in
            on.remote.writeFailure = .init(reason: "broken pipe")
            on.local.say("x")
            await on.settle()
            #expect(on.executor.delays == [HalfCloseCoordinator.lastDelivery])
            on.link.cancel()
            _ = await on.wait()
        }
    }

    @Test(arguments: [true, false])
    func aDiskThatIsFullAtTheEndIsAFailure(otherHasEnded: Bool) async throws {
        try await Self.run { on in
            on.local.finishFailure = .init(reason: "disk full")
            if otherHasEnded {
                on.local.end()
                await on.settle()
            }
            on.remote.say("data")
            on.remote.end()
            if !otherHasEnded {
                await on.settle()
                on.local.end()
            }
            Self.expectFailed(await on.wait(), .local, "disk full")
            #expect(on.local.writtenText == "data")
            #expect(on.remote.events.last == .abort(.otherSideFailed))
        }
    }

    @Test func bothSidesMayFailAtOnce() async throws {
        try await Self.run { on in
            on.local.fail("first")
            on.remote.fail("second")
            Self.expectFailed(await on.wait(), .local, "first")
            #expect(on.local.events == [.abort(.failed)])
            #expect(on.remote.events == [.abort(.otherSideFailed)])
        }
    }

    // MARK: Leaving

    /// As ssh ends: it has said goodbye, closed both streams, and sends a signal.
    @Test(arguments: [true, false])
    func whatALeaverHasSaidIsDeliveredBeforeTheOtherSideIsTold(bySignal: Bool) async throws {
        try await Self.run { on in
            on.remote.isFull = true
            on.local.say("disconnect")
            await on.settle()
            on.local.departure = ScriptedEndpoint.Failure(reason: "gone")
            if bySignal { on.link.cancel() } else { on.local.onOutputLost?(ScriptedEndpoint.Failure(reason: "gone")) }
            on.local.say("ed by user")
            on.local.end()
            await on.settle()
            #expect(on.local.events == [.abort(.left)])
            #expect(on.remote.events.isEmpty)
            on.remote.isFull = false
            Self.expectFailed(await on.wait(), .local, "gone")
            #expect(on.remote.writtenText == "disconnected by user")
            #expect(on.remote.events == [.abort(.otherSideLeft)])
        }
    }

    @Test func aLeaverTakesNothingMoreButLosesNothingOfItsOwn() async throws {
        try await Self.run { on in
            on.local.departure = ScriptedEndpoint.Failure(reason: "gone")
            on.local.writeFailure = .init(reason: "gone")
            on.remote.say("too late")
            on.local.say("last words")
            await on.settle()
            on.local.end()
            Self.expectFailed(await on.wait(), .local, "gone")
            #expect(on.remote.writtenText == "last words")
            #expect(on.remote.events == [.abort(.otherSideLeft)])
        }
    }

    @Test func aConnectionThatBreaksUnderTheLastWordsIsToBlame() async throws {
        try await Self.run { on in
            on.local.departure = ScriptedEndpoint.Failure(reason: "gone")
            on.link.cancel()
            on.remote.writeFailure = .init(reason: "reset")
            on.local.say("last words")
            Self.expectFailed(await on.wait(), .remote, "reset")
        }
    }

    // MARK: Cancelling

    @Test func cancelAbortsBothSidesWhateverTheyWaitFor() async throws {
        try await Self.run { on in
            on.remote.isFull = true
            on.local.say("x")
            await on.settle()
            on.link.cancel()
            guard case .cancelled = await on.wait() else {
                Issue.record("not cancelled")
                return
            }
            #expect(on.local.events == [.abort(.goingAway)])
            #expect(on.remote.events == [.abort(.goingAway)])
        }
    }

    @Test func cancelAfterTheEndChangesNothing() async throws {
        try await Self.run { on in
            on.local.end()
            on.remote.end()
            Self.expectEnded(await on.wait())
            on.link.cancel()
            #expect(on.local.events == [.finish])
            #expect(on.remote.events == [.finish])
        }
    }

    @Test func cancelBeforeTheStartEndsItAtOnce() async throws {
        let running = Running(local: .independent, remote: .independent)
        await withTaskExecutorPreference(running.executor) {
            running.link.cancel()
            running.start()
            guard case .cancelled = await running.wait() else {
                Issue.record("not cancelled")
                return
            }
        }
    }

    // MARK: Ends of both directions together

    private static let webSocket = Closing.together(patience: .zero, answer: .zero)

    @Test func aSideThatEndsBothDirectionsIsFinishedAfterItsPatience() async throws {
        try await Self.run(remote: .together(patience: .nanoseconds(1), answer: .nanoseconds(2))) { on in
            on.local.end()
            await on.settle()
            #expect(on.remote.events.isEmpty)
            #expect(on.executor.delays == [.nanoseconds(1)])
            on.executor.fireTimers()
            #expect(on.remote.events == [.finish])
            #expect(on.executor.delays == [.nanoseconds(2)])
            on.remote.say("late answer")
            on.remote.end()
            Self.expectEnded(await on.wait())
            #expect(on.local.writtenText == "late answer")
            #expect(on.executor.delays.isEmpty)
        }
    }

    @Test func aCloseThatIsNotAnsweredEndsWithTheTimeForIt() async throws {
        try await Self.run(remote: Self.webSocket) { on in
            on.local.end()
            await on.settle()
            #expect(on.remote.events == [.finish])
            on.executor.fireTimers()
            Self.expectEnded(await on.wait())
            #expect(on.local.events == [.finish])
        }
    }

    @Test func aPeerThatHasClosedIsSentMoreForACourtesy() async throws {
        try await Self.run(remote: Self.webSocket) { on in
            on.remote.end()
            await on.settle()
            #expect(on.local.events == [.finish])
            #expect(on.executor.delays == [HalfCloseCoordinator.courtesy])
            on.local.say("late")
            on.local.end()
            Self.expectEnded(await on.wait())
            #expect(on.remote.writtenText == "late")
            #expect(on.remote.events == [.finish])
            #expect(on.executor.delays.isEmpty)
        }
    }

    @Test func aSideWhoseBytesWaitForRoomIsNotIdle() async throws {
        try await Self.run(remote: .together(patience: .nanoseconds(1), answer: .zero)) { on in
            on.local.isFull = true
            on.local.end()
            on.remote.say("waiting")
            await on.settle()
            for _ in 0..<5 {
                on.executor.fireTimers()
                #expect(on.remote.events.isEmpty)
                #expect(on.executor.delays == [.nanoseconds(1)])
            }
            on.local.isFull = false
            await on.settle()
            #expect(on.local.writtenText == "waiting")
            on.executor.fireTimers()
            #expect(on.remote.events == [.finish])
            on.link.cancel()
            _ = await on.wait()
        }
    }

    @Test func noTimerIsLeftAfterTheEnd() async throws {
        try await Self.run(remote: .together(patience: .seconds(1), answer: .seconds(1))) { on in
            on.local.end()
            await on.settle()
            #expect(on.executor.delays.count == 1)
            on.link.cancel()
            _ = await on.wait()
            #expect(on.executor.delays.isEmpty)
        }
    }

    @Test func isNamedByBothEnds() {
        let running = Running(local: .independent, remote: .independent)
        #expect(running.link.name == "local <-> remote")
        #expect(running.link.name(of: .local) == "local")
        #expect(running.link.name(of: .remote) == "remote")
    }
}
