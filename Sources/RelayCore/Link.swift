// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Two endpoints, two pumps and a coordinator: carries bytes both ways until both directions have ended.
///
/// `@unchecked Sendable` holds because all state is touched on `executor` only: the pumps and `run` are pinned to it,
/// and its timers and the endpoints call back on it.
public final class Link: @unchecked Sendable {
    private let local: any Endpoint
    private let remote: any Endpoint
    private let executor: any LinkExecutor
    private var coordinator: HalfCloseCoordinator
    private var errors: [Side: any Error] = [:]
    private var timer: IdleTimer?
    private let bounds: LinkBounds
    /// By the index of `isUnsent`; `nil` without a bound on the rate.
    private let throttles: [Throttle]?
    private var expiry: LinkExpiry?
    private var cancelLife: (@Sendable () -> Void)?
    private var cancelIdleCheck: (@Sendable () -> Void)?
    /// A chunk read from this side waits for room in the other.
    private var isUnsent: [Bool] = [false, false]
    private var outcome: LinkOutcome?
    private var waiter: CheckedContinuation<LinkOutcome, Never>?
    /// Whose direction ended or failed first; `nil` while both go on, and when the link was told to end.
    public private(set) var firstEnd: Side?
    /// Bytes so far.
    public private(set) var counters = LinkCounters()

    /// - Parameter executor: runs both pumps; both endpoints belong to its thread.
    public init(
        local: any Endpoint,
        remote: any Endpoint,
        executor: any LinkExecutor,
        bounds: LinkBounds = LinkBounds()
    ) {
        self.bounds = bounds
        self.throttles = bounds.bytesPerSecond.map { rate in
            Side.allCases.map { _ in Throttle(bytesPerSecond: rate, executor: executor) }
        }
        self.local = local
        self.remote = remote
        self.executor = executor
        self.coordinator = HalfCloseCoordinator(local: local.closing, remote: remote.closing)
    }

    /// Runs both pumps until the link is over. `close` is to be called next.
    ///
    /// Call it once, on a task pinned to the executor.
    public func run() async -> LinkOutcome {
        self.local.onOutputLost = { [weak self] in self?.writeFailed(.local, $0) }
        self.remote.onOutputLost = { [weak self] in self?.writeFailed(.remote, $0) }
        self.local.onClosed = { [weak self] in self?.handle(.closed(.local)) }
        self.remote.onClosed = { [weak self] in self?.handle(.closed(.remote)) }
        self.startBounds()
        let pumps = Side.allCases.map { source in
            Task.detached(executorPreference: self.executor) { await self.pump(from: source) }
        }
        let outcome = await withCheckedContinuation { waiter in
            if let outcome = self.outcome { waiter.resume(returning: outcome) } else { self.waiter = waiter }
        }
        self.cancelLife?()
        self.cancelIdleCheck?()
        self.local.stop()
        self.remote.stop()
        for throttle in self.throttles ?? [] { throttle.stop() }
        for pump in pumps { await pump.value }
        return outcome
    }

    /// Waits until both endpoints have said goodbye and are closed, for as long as they make progress.
    ///
    /// - Returns: the side that did not confirm an orderly end, and why. Nothing after another outcome.
    public func close() async -> LinkOutcome? {
        let local = Task.detached(executorPreference: self.executor) { await self.close(.local) }
        let failures = [await self.close(.remote), await local.value]
        guard case .ended = self.outcome else { return nil }
        return failures.lazy.compactMap(\.self).first
    }

    private func close(_ side: Side) async -> LinkOutcome? {
        do {
            try await self.endpoint(side).close()
            return nil
        } catch {
            return .failed(side, error)
        }
    }

    /// Breaks the link off: `run` returns `.cancelled` soon after. Does nothing once it is over.
    ///
    /// A program that has ended, and says so by a signal, is not cut: `run` returns once its last words are on their way.
    public func cancel() {
        for side in Side.allCases {
            guard let departure = self.endpoint(side).departure else { continue }
            return self.failed(side, departure, .left(side))
        }
        self.handle(.cancelled)
    }

    // MARK: Bounds

    private func startBounds() {
        guard !self.coordinator.isDone else { return }
        if let life = self.bounds.life {
            self.cancelLife = self.executor.schedule(after: life) { [weak self] in self?.expire(.life(life)) }
        }
        if let idleTime = self.bounds.idleTime {
            let check = IdleCheck(limit: idleTime, at: .now)
            self.look(with: check, after: check.firstWait, limit: idleTime)
        }
    }

    private func look(with check: IdleCheck, after delay: Duration, limit: Duration) {
        self.cancelIdleCheck = self.executor.schedule(after: delay) { [weak self] in
            guard let self, !self.coordinator.isDone else { return }
            var check = check
            let bytes = self.counters.bytesToLocal &+ self.counters.bytesToRemote
            switch check.look(bytes: bytes, isBusy: self.isUnsent.contains(true), at: .now) {
            case .lookAgain(let delay): self.look(with: check, after: delay, limit: limit)
            case .expired: self.expire(.idle(limit))
            }
        }
    }

    private func expire(_ expiry: LinkExpiry) {
        guard !self.coordinator.isDone else { return }
        self.expiry = expiry
        self.handle(.cancelled)
    }

    /// What one end has sent and received, if that has frames.
    public func frames(of side: Side) -> FrameStatistics? { self.endpoint(side).frames }

    /// Both ends, for log lines.
    public var name: String { "\(self.local.name) <-> \(self.remote.name)" }

    /// What the user knows one end by.
    public func name(of side: Side) -> String { self.endpoint(side).name }

    private func endpoint(_ side: Side) -> any Endpoint {
        switch side {
        case .local: self.local
        case .remote: self.remote
        }
    }

    /// Waits for a chunk on one side, writes it to the other, waits for room, and goes round.
    ///
    /// What it holds while it waits is most of what an idle link takes, so it holds little.
    private nonisolated(nonsending) func pump(from side: Side) async {
        do {
            while let chunk = try await self.endpoint(side).read() {
                guard await self.carry(chunk, from: side) else { return await self.discard(from: side) }
            }
        } catch {
            return self.failed(side, error, .readFailed(side))
        }
        if self.firstEnd == nil { self.firstEnd = side }
        self.handle(.ended(side))
        // `write` has returned for every chunk, so the sink has them all.
        self.handle(.flushed(side.other))
    }

    @inline(never)
    private nonisolated(nonsending) func carry(_ chunk: Chunk, from side: Side) async -> Bool {
        let count = chunk.bytes.readableBytes
        self.isMoving(from: side, unsent: true)
        do {
            try await self.endpoint(side.other).write(chunk)
        } catch {
            self.writeFailed(side.other, error)
            return false
        }
        self.counters.add(count, from: side)
        if self.throttles != nil { await self.pace(count, from: side) }
        self.isMoving(from: side, unsent: false)
        return true
    }

    /// Nobody takes what this side says any more. It is read all the same: a peer that waits for that may not read either,
    /// and is still owed what the other side has said before it failed.
    @inline(never)
    private nonisolated(nonsending) func discard(from side: Side) async {
        while (try? await self.endpoint(side).read()) != nil, !self.coordinator.isDone {}
    }

    private func isMoving(from side: Side, unsent: Bool) {
        self.timer?.touch(side)
        self.isUnsent[side == .local ? 0 : 1] = unsent
    }

    /// Apart, and never inlined: the pump of a link without a bound on its rate need not hold what this holds.
    @inline(never)
    private func pace(_ count: Int, from side: Side) async {
        await self.throttles?[side == .local ? 0 : 1].wait(for: count)
    }

    private func writeFailed(_ side: Side, _ error: any Error) {
        if let departure = self.endpoint(side).departure {
            self.failed(side, departure, .left(side))
        } else {
            self.failed(side, error, .writeFailed(side))
        }
    }

    private func failed(_ side: Side, _ error: any Error, _ event: HalfCloseCoordinator.Event) {
        if self.errors[side] == nil { self.errors[side] = error }
        // What fails after the link was told to end is a consequence.
        if self.firstEnd == nil, !self.coordinator.isDone { self.firstEnd = side }
        self.handle(event)
    }

    private func handle(_ event: HalfCloseCoordinator.Event) {
        for action in self.coordinator.handle(event) {
            do {
                try self.perform(action)
            } catch {
                // What was to follow has been overtaken by what the failure asks for.
                return
            }
        }
    }

    private func perform(_ action: HalfCloseCoordinator.Action) throws {
        switch action {
        case .finish(let side):
            do {
                try self.endpoint(side).finish()
            } catch {
                self.finishFailed(side, error)
                throw error
            }
        case .abort(let side, let reason):
            self.endpoint(side).abort(self.expiry.map { .expired($0) } ?? reason)
        case .startTimer(let duration, let side):
            let previous = self.timer
            previous?.cancel()
            let undelivered = { [weak self] in self?.endpoint(side).undelivered ?? 0 }
            self.timer = IdleTimer(
                duration,
                idle: side,
                executor: self.executor,
                after: previous,
                undelivered: undelivered
            ) { [weak self] in
                guard let self else { return }
                self.handle(.timerFired(unsent: self.isUnsent[side == .local ? 0 : 1]))
            }
        case .stopTimer:
            self.timer?.cancel()
            self.timer = nil
        case .done(let outcome):
            self.timer?.cancel()
            self.timer = nil
            self.finish(with: outcome)
        }
    }

    /// The sink could not keep what it had accepted. Where the link counts as ended by now, it has failed all the same.
    private func finishFailed(_ side: Side, _ error: any Error) {
        self.errors[side] = error
        if self.coordinator.isDone {
            self.endpoint(side.other).abort(.otherSideFailed)
            self.finish(with: .failed(side))
        } else {
            self.handle(.writeFailed(side))
        }
    }

    private func finish(with outcome: HalfCloseCoordinator.Outcome) {
        guard self.outcome == nil else { return }
        let result: LinkOutcome =
            switch outcome {
            case .ended: .ended
            case .failed(let side): .failed(side, self.errors[side] ?? CancellationError())
            case .gaveUp(let side, let error): .failed(side, error)
            case .cancelled: self.expiry.map { .expired($0) } ?? .cancelled
            }
        self.outcome = result
        self.waiter?.resume(returning: result)
        self.waiter = nil
    }
}
