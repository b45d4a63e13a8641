// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import RelayCore

/// Every state that a coordinator and the two pumps around it can reach, breadth first, under every order of events.
struct HalfCloseCoordinatorWalk {
    /// What happens to a link. Time is one of the events: a timer may fire whenever it runs.
    enum Event: Hashable {
        /// A chunk came from the source.
        case read(Side)
        /// The sink took a chunk.
        case accepted(Side)
        case ended(Side)
        case flushed(Side)
        /// A peer with half-close has sent Close, with or without the end of its direction before it.
        case closed(Side)
        case readFailed(Side)
        /// A write to the sink failed.
        case writeFailed(Side)
        /// The sink hung up while nothing is written to it: stdout's reader has gone.
        case hungUp(Side)
        /// Its peer has closed both directions: the program that started us has ended.
        case left(Side)
        case timerFired
        case cancelled

        /// Neither a failure nor new data: what is left when all goes well.
        var isQuiet: Bool {
            switch self {
            case .accepted, .ended, .flushed, .timerFired: true
            case .read, .closed, .readFailed, .writeFailed, .hungUp, .left, .cancelled: false
            }
        }
    }

    /// One direction of the link, as the world has it.
    struct Pump: Hashable {
        enum State: Hashable {
            case running
            /// Its source has ended; the sink may still be owed chunks.
            case draining
            case flushed
            /// It has reported a failure of its source or of its sink.
            case failed
        }
        var state = State.running
        /// Chunks that were read and not accepted.
        var outstanding = 0

        var sourceHasEnded: Bool { self.state == .draining || self.state == .flushed }
    }

    /// The coordinator, and what the world has done and been told so far.
    struct World: Hashable {
        var coordinator: HalfCloseCoordinator
        var pumps: [Side: Pump] = [.local: Pump(), .remote: Pump()]
        var hungUp: Set<Side> = []
        var left: Set<Side> = []
        /// The sides whose peers have sent Close although they had half-close.
        var closed: Set<Side> = []
        /// The sides that a failure was reported of.
        var failed: Set<Side> = []
        var finished: Set<Side> = []
        var aborted: [Side: AbortReason] = [:]
        /// The idle side of the timer that runs.
        var timer: Side?
        var outcome: HalfCloseCoordinator.Outcome?

        func pump(from side: Side) -> Pump { self.pumps[side] ?? Pump() }
        func pump(to side: Side) -> Pump { self.pump(from: side.other) }
    }

    /// As many as a sink may owe: one that it is writing, one queued behind it.
    private static let mostOutstanding = 2

    let closing: [Side: Closing]
    private(set) var states = 0
    private(set) var transitions = 0
    private(set) var violations: [String] = []
    /// States from which the ends of both sides, and time, don't lead to the end.
    private(set) var deadEnds = 0
    /// States from which time alone should lead to the end, and doesn't.
    private(set) var endless = 0

    init(local: Closing, remote: Closing) {
        self.closing = [.local: local, .remote: remote]
    }

    mutating func run() {
        let coordinator = HalfCloseCoordinator(
            local: self.closing[.local] ?? .independent,
            remote: self.closing[.remote] ?? .independent
        )
        let start = World(coordinator: coordinator)
        var seen: Set<World> = [start]
        var queue = [start]
        var quietly: [World: Set<World>] = [:]
        var byTime: [World: Set<World>] = [:]
        var index = 0
        while index < queue.count {
            let world = queue[index]
            index += 1
            for event in self.events(in: world) {
                self.transitions += 1
                let next = self.step(world, event)
                if event.isQuiet { quietly[next, default: []].insert(world) }
                switch event {
                case .accepted, .flushed, .timerFired: byTime[next, default: []].insert(world)
                case .read, .ended, .closed, .readFailed, .writeFailed, .hungUp, .left, .cancelled: break
                }
                if seen.insert(next).inserted { queue.append(next) }
            }
        }
        self.states = seen.count
        let ends = seen.filter { $0.outcome != nil }
        self.deadEnds = seen.subtracting(Self.leading(to: ends, through: quietly)).count
        let endingByTime = Self.leading(to: ends, through: byTime)
        self.endless = seen.count { self.isInTimesHand($0) && !endingByTime.contains($0) }
    }

    /// The states from which `ends` can be reached.
    private static func leading(to ends: Set<World>, through predecessors: [World: Set<World>]) -> Set<World> {
        var leading = ends
        var open = Array(ends)
        while let world = open.popLast() {
            for earlier in predecessors[world] ?? [] where leading.insert(earlier).inserted { open.append(earlier) }
        }
        return leading
    }

    /// Nobody's end need be waited for any more: a side failed, or one end stands for both.
    private func isInTimesHand(_ world: World) -> Bool {
        if !world.failed.isEmpty { return true }
        return Side.allCases.contains { side in
            self.endsTogether(side, in: world)
                && (world.pump(from: side).sourceHasEnded || world.pump(to: side).sourceHasEnded)
        }
    }

    /// A Close of a peer with half-close brings the end of its source, if that has not come yet.
    private func endsTogether(_ side: Side, in world: World) -> Bool {
        self.closing[side] != .independent || world.closed.contains(side) && world.pump(from: side).sourceHasEnded
    }

    /// What can happen next. After the end pumps may still report, and nothing may come of it.
    private func events(in world: World) -> [Event] {
        var events: [Event] = [.cancelled]
        if world.timer != nil { events.append(.timerFired) }
        for source in Side.allCases {
            let pump = world.pump(from: source)
            let sink = source.other
            if !world.hungUp.contains(sink) { events.append(.hungUp(sink)) }
            if !world.left.contains(source) { events.append(.left(source)) }
            if self.closing[source] == .independent, !world.closed.contains(source) { events.append(.closed(source)) }
            switch pump.state {
            case .running:
                events.append(.ended(source))
                // A source tells of its failure only behind all that it had to say.
                if pump.outstanding == 0 { events.append(.readFailed(source)) }
                if pump.outstanding < Self.mostOutstanding, world.outcome == nil { events.append(.read(source)) }
            case .draining:
                if pump.outstanding == 0 { events.append(.flushed(sink)) }
            case .flushed, .failed:
                continue
            }
            if pump.outstanding > 0 { events += [.accepted(sink), .writeFailed(sink)] }
        }
        return events
    }

    private mutating func step(_ world: World, _ event: Event) -> World {
        var next = world
        let toldOf: HalfCloseCoordinator.Event
        switch event {
        case .read(let side):
            next.pumps[side]?.outstanding += 1
            return next
        case .accepted(let side):
            next.pumps[side.other]?.outstanding -= 1
            return next
        case .ended(let side):
            next.pumps[side]?.state = .draining
            toldOf = .ended(side)
        case .flushed(let side):
            next.pumps[side.other]?.state = .flushed
            toldOf = .flushed(side)
        case .closed(let side):
            next.closed.insert(side)
            toldOf = .closed(side)
        case .readFailed(let side):
            next.pumps[side]?.state = .failed
            next.failed.insert(side)
            toldOf = .readFailed(side)
        case .writeFailed(let side):
            next.pumps[side.other]?.state = .failed
            next.failed.insert(side)
            toldOf = .writeFailed(side)
        case .hungUp(let side):
            next.hungUp.insert(side)
            next.failed.insert(side)
            toldOf = .writeFailed(side)
        case .left(let side):
            next.left.insert(side)
            next.failed.insert(side)
            toldOf = .left(side)
        case .timerFired:
            next.timer = nil
            toldOf = .timerFired(unsent: world.timer.map { world.pump(from: $0).outstanding > 0 } ?? false)
        case .cancelled:
            toldOf = .cancelled
        }
        for action in next.coordinator.handle(toldOf) {
            if let broken = self.perform(action, in: &next, after: event) {
                self.violate("\(broken) (\(action))", world, event)
            }
        }
        for broken in self.broken(world, next, event) { self.violate(broken, world, event) }
        return next
    }

    /// Does what the coordinator asks for.
    ///
    /// - Returns: the rule that the action breaks.
    private func perform(_ action: HalfCloseCoordinator.Action, in world: inout World, after event: Event) -> String? {
        if world.outcome != nil { return "an action after done" }
        switch action {
        case .finish(let side):
            guard world.finished.insert(side).inserted else { return "finished twice" }
            if !world.failed.isEmpty { return "finished after a failure" }
            if world.pump(to: side).outstanding > 0 { return "finished although it is owed bytes" }
            if world.pump(to: side).state != .flushed, event != .timerFired { return "finished before the flush" }
            if event != .timerFired, self.cuts(side, in: world) { return "finished before its time to speak was up" }
            // Time cuts nobody whose directions end by themselves.
            let isCut = world.closed.isEmpty && !Side.allCases.contains { self.endsTogether($0, in: world) }
            if event == .timerFired, isCut {
                return "finished by a timer"
            }
        case .abort(let side, let reason):
            let earlier = world.aborted.updateValue(reason, forKey: side)
            if let earlier, earlier != .left, earlier != reason, event != .cancelled {
                return "aborted again for another reason"
            }
            return self.brokenByAbort(of: side, reason, in: world, after: event)
        case .startTimer(_, let side):
            world.timer = side
        case .stopTimer:
            world.timer = nil
        case .done(let outcome):
            world.outcome = outcome
        }
        return nil
    }

    /// Whether finishing `side` now takes from it the time to speak that its closing promises.
    private func cuts(_ side: Side, in world: World) -> Bool {
        guard case .together(let patience, _)? = self.closing[side], patience > .zero else { return false }
        // The end of a source that ends both directions leaves nobody to listen.
        return !world.pump(from: side).sourceHasEnded && !self.endsTogether(side.other, in: world)
    }

    private func brokenByAbort(
        of side: Side,
        _ reason: AbortReason,
        in world: World,
        after event: Event
    ) -> String? {
        switch reason {
        case .failed:
            // Or it was given its time.
            return world.failed.contains(side) || event == .timerFired ? nil : "blamed without a failure"
        case .left:
            return world.left.contains(side) ? nil : "said to have left although it is there"
        case .otherSideLeft:
            if world.aborted[side.other] != .left { return "aborted before the side that left" }
            return world.pump(to: side).state == .flushed ? nil : "left before the last words were delivered"
        case .otherSideFailed:
            if world.aborted[side.other] != .failed { return "aborted before the side that failed" }
            let isLost = world.failed.contains(side) || event == .timerFired
            return world.pump(to: side).outstanding == 0 || isLost ? nil : "aborted although it is owed bytes"
        case .goingAway:
            return event == .cancelled ? nil : "left without being told to"
        case .expired:
            return "bounds are the link's matter"
        }
    }

    /// The rules that hold between two states.
    private func broken(_ world: World, _ next: World, _ event: Event) -> [String] {
        var broken: [String] = []
        if next.coordinator.isDone != (next.outcome != nil) { broken.append("done without saying so") }
        if next.outcome != nil, next.timer != nil { broken.append("a timer after done") }
        guard world.outcome == nil else { return broken }
        if case .flushed(let sink) = event, world.failed.isEmpty, !self.endsTogether(sink, in: world) {
            if !next.finished.contains(sink) { broken.append("an end was not passed on") }
        }
        if event == .timerFired, next == world {
            // It may only wait for a chunk or a flush that is on its way.
            let isWaiting = Side.allCases.contains { side in
                let pump = world.pump(from: side)
                return pump.outstanding > 0 || pump.state == .draining
            }
            if !isWaiting { broken.append("a timer that changes nothing") }
        }
        if event == .cancelled, next.outcome != .cancelled { broken.append("cancel did not end it") }
        switch next.outcome {
        case .ended?: broken += self.brokenByEnd(next, event)
        case .failed(let side)?:
            if !next.failed.contains(side) { broken.append("blamed without a failure") }
            switch next.aborted[side] {
            case .left?:
                if next.aborted[side.other] != .otherSideLeft {
                    broken.append("the other side was not told of the leaver")
                }
            case .failed?:
                if next.aborted[side.other] != .otherSideFailed { broken.append("the other side was not aborted") }
            case .otherSideLeft?, .otherSideFailed?, .goingAway?, .expired?, nil:
                broken.append("the failed side was not aborted")
            }
        case .gaveUp(let side, _)?:
            if event != .timerFired { broken.append("gave up without waiting") }
            if next.aborted[side] != .failed { broken.append("the side given up was not aborted") }
            if next.aborted[side.other] != .otherSideFailed { broken.append("the other side was not aborted") }
        case .cancelled?:
            if event != .cancelled { broken.append("cancelled without being told to") }
            if next.aborted.values.contains(where: { $0 != .goingAway }), world.aborted.isEmpty {
                broken.append("cancelled for another reason")
            }
            if next.aborted.count != 2 { broken.append("a side was not aborted") }
        case nil: break
        }
        return broken
    }

    private func brokenByEnd(_ world: World, _ event: Event) -> [String] {
        var broken: [String] = []
        if !world.failed.isEmpty { broken.append("a failure became a clean end") }
        if !world.aborted.isEmpty { broken.append("an abort became a clean end") }
        for side in Side.allCases {
            let pump = world.pump(from: side)
            if !world.finished.contains(side) { broken.append("ended without finishing \(side)") }
            if pump.outstanding > 0 { broken.append("ended with bytes of \(side) undelivered") }
            // A time limit may end what has a side that ends both directions at once.
            if pump.state != .flushed, event != .timerFired { broken.append("ended before \(side) was flushed") }
        }
        return broken
    }

    private mutating func violate(_ rule: String, _ world: World, _ event: Event) {
        guard self.violations.count < 10 else { return }
        self.violations.append("\(rule): \(event) in \(world)")
    }
}
