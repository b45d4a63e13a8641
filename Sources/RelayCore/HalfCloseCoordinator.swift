// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Who has ended, what may be finished now, in which order, and when the link is over: the shutdown rules as a value.
///
/// Events go in, actions come out; it has no I/O, clock or task. A flow is named by its source: the flow of `.local`
/// carries bytes from LOCAL to REMOTE, and finishing it means finishing REMOTE.
///
/// - A sink is finished only after its `flushed`.
/// - The end of one flow never cuts the other.
/// - A failure aborts both sides, the failed one first, so that what it had sent is delivered before the other is
///   aborted. It never becomes `.done(.ended)`.
/// - What a peer had to say before it left is delivered before the other side is aborted.
/// - After `.done` nothing is asked for any more.
public struct HalfCloseCoordinator: Hashable, Sendable {
    /// One direction, named by its source.
    enum Flow: Hashable, Sendable {
        /// The source is read. Next: `draining`.
        case flowing
        /// The source has ended; the sink is still owed bytes. Next: `drained`, `finished`.
        case draining
        /// The sink has every byte, but finishing it now could cut the other flow. Next: `finished`.
        case drained
        /// The sink has been told. Final.
        case finished

        var sourceHasEnded: Bool {
            switch self {
            case .flowing: false
            case .draining, .drained, .finished: true
            }
        }
    }

    private enum State: Hashable, Sendable {
        /// Both flows go their way. Next: `failing`, `leaving`, `done`.
        case open(Flows)
        /// `side` is gone; what it sent before is still being delivered to the other. Next: `done`.
        case failing(Side)
        /// The peer of `side` has gone; what it said before is still being delivered to the other. Next: `done`.
        case leaving(Side)
        /// Final.
        case done
    }

    /// The two flows by their sources.
    struct Flows: Hashable, Sendable {
        var local = Flow.flowing
        var remote = Flow.flowing

        subscript(side: Side) -> Flow {
            get {
                switch side {
                case .local: self.local
                case .remote: self.remote
                }
            }
            set {
                switch side {
                case .local: self.local = newValue
                case .remote: self.remote = newValue
                }
            }
        }
    }

    /// What has happened.
    public enum Event: Hashable, Sendable {
        /// The source `side` has been read to its orderly end.
        case ended(Side)
        /// The sink `side` has accepted every byte of the ended source behind it.
        case flushed(Side)
        /// The peer of `side` has ended both directions in order, after its own or before.
        case closed(Side)
        /// Reading from `side` failed; all it sent before has been delivered.
        case readFailed(Side)
        /// Writing to `side` failed, or it is known that it would.
        case writeFailed(Side)
        /// The peer of `side` has closed both directions: nothing can be written to it, and its source ends by itself.
        case left(Side)
        /// The timer asked for ran out; `unsent`: a chunk of the idle side is still waiting for room in the other.
        case timerFired(unsent: Bool)
        /// Strait was told to end.
        case cancelled
    }

    /// What is to be done, in this order.
    public enum Action: Hashable, Sendable {
        case finish(Side)
        case abort(Side, AbortReason)
        /// Fire once no byte has come from `side` for `duration`. Replaces an earlier timer.
        case startTimer(Duration, idle: Side)
        case stopTimer
        case done(Outcome)
    }

    /// How it ended; `failed` names the side to blame, whose error the caller has.
    public enum Outcome: Hashable, Sendable {
        case ended
        case failed(Side)
        case gaveUp(Side, LinkError)
        case cancelled
    }

    private var state = State.open(Flows())
    private var localClosing: Closing
    private var remoteClosing: Closing

    /// How long a side that has sent Close is still sent what the other side says, without a byte of it.
    public static let courtesy = Duration.seconds(5)
    /// How long the last bytes of a failed side may wait for the other side to take them.
    public static let lastDelivery = Duration.seconds(30)

    /// A link whose flows have just begun.
    public init(local: Closing, remote: Closing) {
        self.localClosing = local
        self.remoteClosing = remote
    }

    /// Whether `.done` has been given out.
    public var isDone: Bool { self.state == .done }

    /// Takes one event and says what is to be done now.
    public mutating func handle(_ event: Event) -> [Action] {
        switch self.state {
        case .open(let flows):
            switch event {
            case .ended(let side):
                self.ended(side, flows)
            case .flushed(let side):
                self.flushed(side, flows)
            case .closed(let side):
                self.closed(side, flows)
            case .readFailed(let side):
                self.conclude(.failed(side), failed: side)
            case .writeFailed(let side):
                self.writeFailed(side, flows)
            case .left(let side):
                self.left(side, flows)
            case .timerFired(let unsent):
                self.timerFired(flows, unsent: unsent)
            case .cancelled:
                self.cancel()
            }
        case .failing(let failed):
            switch event {
            case .readFailed(let side):
                side == failed ? self.conclude(.failed(failed), failed: failed) : []
            case .flushed(let side), .writeFailed(let side), .left(let side):
                // The other side has all that the failed one sent, or takes no more.
                side == failed ? [] : self.conclude(.failed(failed), failed: failed)
            case .timerFired:
                self.conclude(.failed(failed), failed: failed)
            case .ended, .closed:
                []
            case .cancelled:
                self.cancel()
            }
        case .leaving(let leaver):
            switch event {
            case .flushed(let side):
                side == leaver ? [] : self.depart(leaver)
            case .writeFailed(leaver), .left(leaver):
                // As is to be expected.
                []
            case .readFailed(let side), .writeFailed(let side), .left(let side):
                self.conclude(.failed(side), failed: side)
            case .timerFired:
                self.conclude(.failed(leaver), failed: leaver)
            case .ended, .closed:
                []
            case .cancelled:
                self.cancel()
            }
        case .done:
            []
        }
    }

    private mutating func ended(_ side: Side, _ flows: Flows) -> [Action] {
        var flows = flows
        guard !flows[side].sourceHasEnded else { return [] }
        flows[side] = .draining
        switch (self.closing(of: side), flows[side.other]) {
        case (.together, .drained):
            // Its end allows what was held back for it: answer Close with Close.
            flows[side.other] = .finished
            self.state = .open(flows)
            return [.stopTimer, .finish(side)]
        case (.together, .flowing), (.together, .draining):
            self.state = .open(flows)
            return [.startTimer(Self.courtesy, idle: side.other)]
        case (.together, .finished):
            self.state = .open(flows)
            return [.stopTimer]
        case (.independent, _):
            self.state = .open(flows)
            return []
        }
    }

    /// From now on it is as any peer that has no half-close: the other side may go on for as long as it is not idle.
    private mutating func closed(_ side: Side, _ flows: Flows) -> [Action] {
        switch side {
        case .local: self.localClosing = .together(patience: .zero, answer: Self.courtesy)
        case .remote: self.remoteClosing = .together(patience: .zero, answer: Self.courtesy)
        }
        guard flows[side].sourceHasEnded, flows[side.other] != .finished else { return [] }
        return [.startTimer(Self.courtesy, idle: side.other)]
    }

    private mutating func flushed(_ sink: Side, _ flows: Flows) -> [Action] {
        var flows = flows
        let source = sink.other
        guard flows[source] == .draining else { return [] }
        switch self.closing(of: sink) {
        case .independent:
            return self.finish(sink, flows, then: [])
        case .together where flows[sink].sourceHasEnded:
            return self.finish(sink, flows, then: [.stopTimer])
        case .together(_, let answer) where self.closing(of: source) != .independent:
            // The source's end was the end of both its directions, so nobody is left to listen for.
            return self.finish(sink, flows, then: [.startTimer(answer, idle: sink)])
        case .together(patience: .zero, let answer):
            return self.finish(sink, flows, then: [.startTimer(answer, idle: sink)])
        case .together(let patience, _):
            flows[source] = .drained
            self.state = .open(flows)
            return [.startTimer(patience, idle: sink)]
        }
    }

    private mutating func finish(_ sink: Side, _ flows: Flows, then actions: [Action]) -> [Action] {
        var flows = flows
        flows[sink.other] = .finished
        if flows[sink] == .finished {
            self.state = .done
            return [.stopTimer, .finish(sink), .done(.ended)]
        }
        self.state = .open(flows)
        return [.finish(sink)] + actions
    }

    private mutating func timerFired(_ flows: Flows, unsent: Bool) -> [Action] {
        for side in Side.allCases {
            guard case .together(let patience, let answer) = self.closing(of: side) else { continue }
            switch (flows[side.other], flows[side]) {
            case (.drained, .flowing):
                // Not idle while its bytes wait for room behind us.
                if unsent { return [.startTimer(patience, idle: side)] }
                return self.finish(side, flows, then: [.startTimer(answer, idle: side)])
            case (.finished, .flowing):
                if unsent { return [.startTimer(answer, idle: side)] }
                // It was told and had its time: the end of linger is an end.
                self.state = .done
                return [.finish(side.other), .done(.ended)]
            case (.flowing, .finished), (.draining, .finished):
                if unsent {
                    let error = LinkError.closedBeforeTakingAll(after: Self.courtesy)
                    return self.conclude(.gaveUp(side, error), failed: side)
                }
                // The other side keeps silent: the peer's Close ends both directions.
                self.state = .done
                return [.finish(side), .done(.ended)]
            case (.flowing, .draining), (.draining, .draining):
                // What came before the Close is still being delivered.
                return [.startTimer(Self.courtesy, idle: side.other)]
            case (.flowing, .flowing), (.draining, .flowing), (_, .drained),
                (.drained, .draining), (.drained, .finished), (.finished, .draining), (.finished, .finished):
                continue
            }
        }
        return []
    }

    private mutating func writeFailed(_ side: Side, _ flows: Flows) -> [Action] {
        switch flows[side] {
        case .flowing, .draining:
            self.state = .failing(side)
            return [.abort(side, .failed), .startTimer(Self.lastDelivery, idle: side)]
        case .drained, .finished:
            return self.conclude(.failed(side), failed: side)
        }
    }

    private mutating func left(_ side: Side, _ flows: Flows) -> [Action] {
        switch flows[side] {
        case .flowing, .draining:
            self.state = .leaving(side)
            return [.abort(side, .left), .startTimer(Self.lastDelivery, idle: side)]
        case .drained, .finished:
            return [.abort(side, .left)] + self.depart(side)
        }
    }

    private mutating func depart(_ side: Side) -> [Action] {
        self.state = .done
        return [.stopTimer, .abort(side.other, .otherSideLeft), .done(.failed(side))]
    }

    private mutating func conclude(_ outcome: Outcome, failed side: Side) -> [Action] {
        self.state = .done
        return [.stopTimer, .abort(side, .failed), .abort(side.other, .otherSideFailed), .done(outcome)]
    }

    private mutating func cancel() -> [Action] {
        self.state = .done
        return [.stopTimer, .abort(.local, .goingAway), .abort(.remote, .goingAway), .done(.cancelled)]
    }

    private func closing(of side: Side) -> Closing {
        switch side {
        case .local: self.localClosing
        case .remote: self.remoteClosing
        }
    }
}
