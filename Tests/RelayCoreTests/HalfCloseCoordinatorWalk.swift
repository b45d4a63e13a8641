// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import RelayCore

/// Every state that a coordinator and the two pumps around it can reach, breadth first, under every order of events.
struct HalfCloseCoordinatorWalk {
    /// The coordinator, and what the world has done and been told so far.
    struct World: Hashable {
        var coordinator: HalfCloseCoordinator
        /// Per source: what its pump has come to.
        var pumps: [Side: Pump] = [.local: .running, .remote: .running]
        var finished: Set<Side> = []
        var aborted: Set<Side> = []
        var hasTimer = false
        var hasFailed = false
        var outcome: HalfCloseCoordinator.Outcome?
    }

    enum Pump: Hashable {
        case running
        /// Its source has ended; the sink is being flushed.
        case flushing
        case flushed
        /// It has reported a failure of its source or of its sink.
        case failed
    }

    let closing: (local: Closing, remote: Closing)
    private(set) var states = 0
    private(set) var transitions = 0
    private(set) var violations: [String] = []
    /// States from which no event but a signal leads to an end.
    private(set) var deadEnds = 0

    init(local: Closing, remote: Closing) {
        self.closing = (local, remote)
    }

    mutating func run() {
        let start = World(coordinator: HalfCloseCoordinator(local: self.closing.local, remote: self.closing.remote))
        var seen: Set<World> = [start]
        var queue = [start]
        var predecessors: [World: Set<World>] = [:]
        var index = 0
        while index < queue.count {
            let world = queue[index]
            index += 1
            for event in Self.events(in: world) {
                self.transitions += 1
                let next = self.step(world, event)
                // A link that only a signal can end would be a dead end.
                if event != .cancelled { predecessors[next, default: []].insert(world) }
                if seen.insert(next).inserted { queue.append(next) }
            }
        }
        self.states = seen.count
        var ending = seen.filter { $0.outcome != nil }
        var open = Array(ending)
        while let world = open.popLast() {
            for earlier in predecessors[world] ?? [] where ending.insert(earlier).inserted { open.append(earlier) }
        }
        self.deadEnds = seen.count - ending.count
    }

    /// What can happen next. After the end pumps may still report, and nothing may come of it.
    private static func events(in world: World) -> [HalfCloseCoordinator.Event] {
        var events: [HalfCloseCoordinator.Event] = [.cancelled]
        for side in Side.allCases {
            switch world.pumps[side] {
            case .running?: events += [.ended(side), .readFailed(side), .writeFailed(side.other)]
            case .flushing?: events += [.flushed(side.other), .writeFailed(side.other)]
            case .flushed?: events += [.writeFailed(side.other)]
            case .failed?, nil: break
            }
        }
        if world.hasTimer {
            events += [.timerFired(unsent: false), .timerFired(unsent: true)]
        }
        return events
    }

    private mutating func step(_ world: World, _ event: HalfCloseCoordinator.Event) -> World {
        var next = world
        switch event {
        case .ended(let side): next.pumps[side] = .flushing
        case .flushed(let side): next.pumps[side.other] = .flushed
        case .readFailed(let side):
            next.pumps[side] = .failed
            next.hasFailed = true
        case .writeFailed(let side):
            if next.pumps[side.other] != .flushed { next.pumps[side.other] = .failed }
            next.hasFailed = true
        case .timerFired: next.hasTimer = false
        case .cancelled: break
        }
        var finishedByTimer = false
        for action in next.coordinator.handle(event) {
            if next.outcome != nil { self.violate("an action after done", world, event, action) }
            switch action {
            case .finish(let side):
                if !next.finished.insert(side).inserted { self.violate("finished twice", world, event, action) }
                if next.pumps[side.other] != .flushed {
                    // Only a time limit may: the peer takes or says no more, and nothing is waiting to be sent.
                    if event == .timerFired(unsent: false) {
                        finishedByTimer = true
                    } else {
                        self.violate("finish before flush", world, event, action)
                    }
                }
            case .abort(let side, _):
                next.aborted.insert(side)
            case .startTimer:
                next.hasTimer = true
            case .stopTimer:
                next.hasTimer = false
            case .done(let outcome):
                next.outcome = outcome
                self.check(outcome, next, event, finishedByTimer: finishedByTimer)
            }
        }
        if event == .cancelled, world.outcome == nil, next.outcome != .cancelled {
            self.violate("cancel did not end it", world, event, nil)
        }
        return next
    }

    private mutating func check(
        _ outcome: HalfCloseCoordinator.Outcome,
        _ world: World,
        _ event: HalfCloseCoordinator.Event,
        finishedByTimer: Bool
    ) {
        switch outcome {
        case .ended:
            if world.hasFailed { self.violate("a failure became a clean end", world, event, nil) }
            if !world.aborted.isEmpty { self.violate("an abort in a clean end", world, event, nil) }
            for side in Side.allCases where !world.finished.contains(side) {
                self.violate("ended without finishing \(side)", world, event, nil)
            }
            if !finishedByTimer, world.pumps.values.contains(where: { $0 != .flushed }) {
                self.violate("ended before all was flushed", world, event, nil)
            }
        case .failed, .gaveUp, .cancelled:
            if world.aborted != Set(Side.allCases) { self.violate("a side was not aborted", world, event, nil) }
        }
        if world.hasTimer { self.violate("a timer after done", world, event, nil) }
    }

    private mutating func violate(
        _ rule: String,
        _ world: World,
        _ event: HalfCloseCoordinator.Event,
        _ action: HalfCloseCoordinator.Action?
    ) {
        guard self.violations.count < 10 else { return }
        self.violations.append("\(rule): \(event) -> \(action.map { "\($0)" } ?? "-") in \(world)")
    }
}
