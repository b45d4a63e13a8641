// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import Logging
import NIOConcurrencyHelpers
import NIOCore
import RelayCore

/// Goes through a connection step by step as a relay would, and then tries what a relay needs of it.
struct Checker: Sendable {
    private struct State {
        var report: CheckReport
        var opening: OpeningSteps
        var upgrade: Upgrade?
    }

    private let address: Address
    private let options: LinkOptions
    private let settings: CheckSettings
    private let state: NIOLockedValueBox<State>
    private let onStep: @Sendable (CheckStep) -> Void

    /// How long the peer may take to answer our Close.
    private static let closePatience = Duration.seconds(5)
    /// How long a connection may take that is not needed for more than to see whether the peer compresses.
    private static let compressionPatience = Duration.seconds(5)
    /// How long after its last message an echo may be on its way.
    private static let echoPatience = Duration.seconds(2)

    /// - Parameter onStep: told each step as soon as it is known.
    init(
        _ address: Address,
        _ options: LinkOptions,
        _ settings: CheckSettings,
        onStep: @escaping @Sendable (CheckStep) -> Void
    ) {
        self.address = address
        self.options = options
        self.settings = settings
        self.state = NIOLockedValueBox(State(report: CheckReport(address), opening: OpeningSteps(address)))
        self.onStep = onStep
    }

    func run() async -> CheckReport {
        do {
            let loops = try EventLoops(count: 1)
            let executor = loops.next()
            await Task.detached(executorPreference: executor) { await self.check(loops, executor) }.value
        } catch {
            self.failed(error)
        }
        return self.state.withLockedValue { $0.report }
    }

    private func check(_ loops: EventLoops, _ executor: EventLoopExecutor) async {
        guard let probe = await self.open(loops, executor, isFirst: true) else { return }
        guard await self.ping(probe) else { return await probe.close() }
        self.tellHalfClose()
        var open: WebSocketProbe? = probe
        if self.settings.largestMessage > 0 { open = await self.trySizes(probe, loops, executor) }
        if self.settings.silence > .zero {
            if open == nil { open = await self.open(loops, executor, isFirst: false) }
            if let probe = open, await !self.tryIdle(probe) {
                await probe.close()
                open = nil
            }
        }
        if let open { await self.close(open) }
        await self.tryCompression(loops, executor)
    }

    // MARK: Opening

    /// - Parameter isFirst: its steps are part of the report.
    private func open(_ loops: EventLoops, _ executor: EventLoopExecutor, isFirst: Bool) async -> WebSocketProbe? {
        do throws(OpeningError) {
            return try await self.connect(loops, executor, self.options) { step, time in
                if isFirst { self.reached(step, in: time) }
            }
        } catch {
            self.failed(error)
            return nil
        }
    }

    private func connect(
        _ loops: EventLoops,
        _ executor: EventLoopExecutor,
        _ options: LinkOptions,
        onStep: @escaping @Sendable (DialStep, Duration) -> Void
    ) async throws(OpeningError) -> WebSocketProbe {
        let log = Logger(label: "strait")
        let dialer = try Dialer(for: self.address, loops: loops, options: options, log: log, onStep: onStep)
        return try await dialer.probe(self.address, on: executor)
    }

    private func reached(_ step: DialStep, in time: Duration) {
        let found = self.state.withLockedValue { state in
            if case .upgraded(let upgrade) = step { state.upgrade = upgrade }
            return state.opening.reach(step, in: time, isVerified: !self.options.tls.isInsecure)
        }
        self.add(found)
    }

    private func failed(_ error: OpeningError) {
        let name = self.state.withLockedValue { $0.opening.failing(error.reason) }
        let words = Advice("\(error.reason)")
        let step = CheckStep(name: name, result: .failed, detail: words.reason, advice: words.advice)
        self.add(step, failure: ExitStatus(opening: error.reason))
    }

    private func add(_ step: CheckStep, failure: ExitStatus = .broken) {
        self.state.withLockedValue { $0.report.add(step, failure: failure) }
        self.onStep(step)
    }

    // MARK: Trying

    /// Waits for the Pong of a Ping, past all that comes before it.
    private func pong(
        of probe: WebSocketProbe,
        within time: Duration,
        onData: (Int) -> Void = { _ in }
    ) async -> WebSocketProbe.Event {
        let number = probe.sendPing()
        var deadline = NIODeadline.now() + TimeAmount(time)
        var acknowledged = probe.acknowledgedBytes
        while true {
            switch await probe.next(within: Duration(max(deadline - .now(), .milliseconds(1)))) {
            case .pong(number): return .pong(number)
            case .pong, .ping: continue
            case .data(let count):
                onData(count)
                deadline = .now() + TimeAmount(time)
            case .silence:
                // A slow path takes its time for what lies before the Ping.
                guard probe.acknowledgedBytes > acknowledged else { return .silence }
                acknowledged = probe.acknowledgedBytes
                deadline = .now() + TimeAmount(time)
            case let end: return end
            }
        }
    }

    /// - Returns: whether the connection is of further use.
    private func ping(_ probe: WebSocketProbe) async -> Bool {
        let start = NIODeadline.now()
        let event = await self.pong(of: probe, within: self.settings.pingTimeout)
        let time = start.elapsed
        switch event {
        case .pong, .ping, .data:
            self.add(CheckStep(name: .ping, result: .ok, time: time, detail: "Pong"))
            return true
        case .silence:
            let detail = "no Pong within \(self.settings.pingTimeout.shortDescription)"
            let advice = "the peer must answer Pings (RFC 6455 §5.5.2); else run the relay with --ping-interval 0"
            self.add(CheckStep(name: .ping, result: .failed, time: time, detail: detail, advice: advice))
        case .ended:
            let detail = "the service behind the peer ended at once"
            let advice = "see the log of the service"
            self.add(CheckStep(name: .ping, result: .unknown, time: time, detail: detail, advice: advice))
        case .closed(_, let why), .lost(let why):
            let detail = "the link ended at once: \(why)"
            let advice = "see the log of the peer, and of the service behind it"
            self.add(CheckStep(name: .ping, result: .failed, time: time, detail: detail, advice: advice))
        }
        return false
    }

    private func tellHalfClose() {
        let isAgreed = self.state.withLockedValue { $0.upgrade?.halfClose } ?? false
        let facts: [(key: String, value: JSONValue)] = [("agreed", .bool(isAgreed))]
        if isAgreed {
            let detail = "the end of one direction leaves the other open"
            self.add(CheckStep(name: .halfClose, result: .ok, detail: detail, facts: facts))
        } else {
            self.add(
                CheckStep(
                    name: .halfClose,
                    result: .warning,
                    detail: "the peer does not know strait-half-close: the end of one direction ends both",
                    advice: "have a Strait listen there (strait ws-listen:), and what stands between pass "
                        + "Sec-WebSocket-Extensions on; else an answer must begin within --linger",
                    facts: facts
                )
            )
        }
    }

    /// Each message that does not pass takes its connection with it; the search goes on over another one.
    ///
    /// - Returns: a connection that is of further use, if there is one.
    private func trySizes(
        _ first: WebSocketProbe,
        _ loops: EventLoops,
        _ executor: EventLoopExecutor
    ) async -> WebSocketProbe? {
        let start = NIODeadline.now()
        var search = SizeSearch(upTo: self.settings.largestMessage)
        var probe: WebSocketProbe? = first
        var why: SizeFindings.Refusal?
        var (sent, received) = (0, 0)
        while let size = search.next {
            if probe == nil { probe = try? await self.connect(loops, executor, self.options) { _, _ in } }
            guard let open = probe else { break }
            open.sendMessage(bytes: size)
            sent += size
            let event = await self.pong(of: open, within: self.settings.pingTimeout) { received += $0 }
            guard let refusal = self.refusal(event) else {
                search.pass(size)
                continue
            }
            await open.close()
            probe = nil
            let isLimit = refusal.isLimit(after: search.passed)
            if why == nil || isLimit {
                search.refuse(size, saying: refusal.words)
                why = refusal
            }
            if !isLimit { break }
        }
        while why == nil, let probe, received > 0, received < sent {
            guard case .data(let count) = await probe.next(within: Self.echoPatience) else { break }
            received += count
        }
        let isBehindCloudflare = self.state.withLockedValue { $0.upgrade?.isBehindCloudflare } ?? false
        var findings = SizeFindings(relayFrame: self.settings.relayFrame(isBehindCloudflare: isBehindCloudflare))
        findings.passed = search.passed
        if let refused = search.refused, let why { findings.refused = (refused, why) }
        findings.isEchoed = why == nil && received >= sent
        self.add(findings.step(time: start.elapsed))
        return probe
    }

    private func refusal(_ event: WebSocketProbe.Event) -> SizeFindings.Refusal? {
        switch event {
        case .pong, .ping, .data: nil
        case .ended: .disliked("it has no more to say")
        case .closed(CloseStatus.messageTooBig?, let why): .tooBig(why)
        case .closed(_, let why): .disliked("Close \(why)")
        case .lost(let why): .cut(why)
        case .silence: .silence(self.settings.pingTimeout)
        }
    }

    /// - Returns: whether the connection is of further use.
    private func tryIdle(_ probe: WebSocketProbe) async -> Bool {
        let start = NIODeadline.now()
        let end = start + TimeAmount(self.settings.silence)
        var lastSign = start
        var findings = IdleFindings(
            outcome: .alive,
            silence: self.settings.silence,
            pingInterval: self.settings.pingInterval
        )
        var cut: String?
        silence: while NIODeadline.now() < end {
            switch await probe.next(within: Duration(max(end - .now(), .milliseconds(1)))) {
            case .silence: break silence
            case .ping:
                findings.peerPings += 1
                lastSign = .now()
            case .pong, .data: lastSign = .now()
            case .ended:
                cut = "the service ended its direction"
                break silence
            case .closed(_, let why):
                cut = "Close \(why)"
                break silence
            case .lost(let why):
                cut = why
                break silence
            }
        }
        if let cut {
            findings.outcome = .cut(after: lastSign.elapsed, cut)
        } else {
            switch await self.pong(of: probe, within: self.settings.pingTimeout) {
            case .pong, .ping, .data: break
            case .silence, .ended, .closed, .lost: findings.outcome = .dead
            }
        }
        self.add(findings.step(time: start.elapsed))
        return findings.outcome == .alive
    }

    /// Over a connection of its own, since a relay offers it only if it is told to.
    private func tryCompression(_ loops: EventLoops, _ executor: EventLoopExecutor) async {
        let start = NIODeadline.now()
        var options = self.options
        options.compressionWindow = self.settings.window
        options.retry = RetrySettings()
        options.opening.whole = min(options.opening.whole, Self.compressionPatience)
        let upgrade = NIOLockedValueBox<Upgrade?>(nil)
        do throws(OpeningError) {
            let probe = try await self.connect(loops, executor, options) { step, _ in
                if case .upgraded(let found) = step { upgrade.withLockedValue { $0 = found } }
            }
            let time = start.elapsed
            await probe.close()
            guard let upgrade = upgrade.withLockedValue({ $0 }) else { return }
            self.add(CompressionFindings(upgrade, isWanted: self.settings.isCompressed).step(time: time))
        } catch {
            let reason = Advice("\(error.reason)").reason
            let detail = "a second connection, to offer permessage-deflate, was not opened: \(reason)"
            self.add(CheckStep(name: .compression, result: .unknown, time: start.elapsed, detail: detail))
        }
    }

    private func close(_ probe: WebSocketProbe) async {
        let start = NIODeadline.now()
        probe.sendClose()
        let deadline = start + TimeAmount(Self.closePatience)
        var answer = WebSocketProbe.Event.silence
        waiting: while NIODeadline.now() < deadline {
            answer = await probe.next(within: Duration(max(deadline - .now(), .milliseconds(1))))
            switch answer {
            case .pong, .ping, .data, .ended: continue
            case .closed, .lost, .silence: break waiting
            }
        }
        let time = start.elapsed
        switch answer {
        case .closed(let code, let why) where code == nil || code == CloseStatus.normal:
            self.add(CheckStep(name: .close, result: .ok, time: time, detail: "Close answered: \(why)"))
        case .closed(_, let why):
            self.add(CheckStep(name: .close, result: .warning, time: time, detail: "Close answered with \(why)"))
        case .lost(let why):
            self.add(CheckStep(name: .close, result: .warning, time: time, detail: "Close not answered: \(why)"))
        case .pong, .ping, .data, .ended, .silence:
            let patience = Self.closePatience.shortDescription
            self.add(
                CheckStep(name: .close, result: .warning, time: time, detail: "Close not answered within \(patience)")
            )
        }
        await probe.close()
    }
}
