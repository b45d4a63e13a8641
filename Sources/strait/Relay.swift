// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import Glibc
import Logging
import NIOConcurrencyHelpers
import NIOCore
import RelayCore
import UnixSignals

/// Joins the two addresses of the command line: one link, or one for each connection of a listener.
///
/// A class, since the task of each link holds it, and the arguments are some KiB.
final class Relay: Sendable {
    private let arguments: Arguments
    private let trace: Trace?
    private let capture: PacketCapture?
    private let log = Logger(label: "strait")
    private let links = OpenLinks()

    /// How long links have to say goodbye after a signal.
    private static let farewell = Duration.seconds(1)

    init(_ arguments: Arguments, trace: Trace?, capture: PacketCapture?) {
        self.arguments = arguments
        self.trace = trace
        self.capture = capture
    }

    /// Runs until the link is over, or until a signal.
    func run() async -> ExitStatus {
        let signals = await UnixSignalsSequence(trapping: Self.heededSignals)
        let questions = await UnixSignalsSequence(trapping: .sigusr1)
        let progress = self.arguments.showsProgress ? ProgressMeter(self.links) : nil
        return await withTaskGroup(of: ExitStatus?.self) { group in
            group.addTask { await self.relay() }
            group.addTask {
                for await _ in questions { await self.tellStatistics() }
                return nil
            }
            if let progress {
                group.addTask {
                    await progress.run()
                    return nil
                }
            }
            group.addTask {
                for await signal in signals { return ExitStatus(signal: signal.rawValue) }
                return nil
            }
            var status = ExitStatus.success
            while let first = await group.next() {
                guard let first else { continue }
                status = first
                break
            }
            if status.rawValue > 128 { await self.links.end(within: Self.farewell) }
            ChildProcess.killAll()
            await progress?.finish()
            group.cancelAll()
            // What still runs is cut by the exit.
            Strait.exit(status)
        }
    }

    /// As dd does on SIGUSR1.
    private func tellStatistics() async {
        let lines = await self.links.statistics()
        for line in lines.isEmpty ? ["no link is open"] : lines { self.log.notice("\(line)") }
    }

    /// What the parent ignores (`nohup`, a shell's background job) stays ignored.
    private static var heededSignals: [UnixSignal] {
        [UnixSignal.sigint, .sigterm, .sighup, .sigquit].filter { signal in
            var action = sigaction()
            sigaction(signal.rawValue, nil, &action)
            return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                != unsafeBitCast(SIG_IGN, to: Int.self)
        }
    }

    private func relay() async -> ExitStatus {
        do {
            let (local, remote) = try self.arguments.link()
            var options = try self.arguments.linkOptions()
            options.trace = self.trace
            options.capture = self.capture
            if options.tls.isInsecure, remote.isSecureWebSocket || local.isSecureWebSocket {
                self.log.warning(
                    "certificates are not verified (--insecure): anybody on the way can read and change everything"
                )
            }
            if local.isListening { return try await self.serve(local, remote, options) }
            if remote.isListening { return try await self.serveOnce(local, remote, options) }
            return try await self.join(local, remote, options)
        } catch let error as OpeningError {
            self.log.error("\(error)")
            return ExitStatus(opening: error.reason)
        } catch let error as UsageError {
            self.log.error("\(error)")
            return .usage
        } catch {
            self.log.error("\(error)")
            return .unavailable
        }
    }

    /// One link between two addresses that connect.
    private func join(_ local: Address, _ remote: Address, _ options: LinkOptions) async throws -> ExitStatus {
        let loops = try EventLoops(count: 1)
        let executor = loops.next()
        let toRemote = try self.dialer(for: remote, loops, options)
        let toLocal = try self.dialer(for: local, loops, options)
        return try await Task.detached(executorPreference: executor) {
            let keepsMessages = options.keepsMessages
            let open = (
                local: {
                    try await toLocal.dial(
                        local,
                        on: executor,
                        keepsMessages: remote.carriesMessages(inStandardStreams: keepsMessages)
                    )
                },
                remote: {
                    try await toRemote.dial(
                        remote,
                        on: executor,
                        keepsMessages: local.carriesMessages(inStandardStreams: keepsMessages)
                    )
                }
            )
            // Left before right, as socat does; but stdin is left alone, and no child started, before REMOTE is there.
            let near: any Endpoint
            let far: any Endpoint
            if local.isOpenedLast {
                far = try await open.remote()
                near = try await Self.open(open.local, orAbort: far)
            } else {
                near = try await open.local()
                far = try await Self.open(open.remote, orAbort: near)
            }
            return await self.run(Link(local: near, remote: far, executor: executor), on: executor)
        }.value
    }

    private static func open(
        _ dial: () async throws -> any Endpoint,
        orAbort other: any Endpoint
    ) async throws -> any Endpoint {
        do {
            return try await dial()
        } catch {
            other.abort(.otherSideFailed)
            try? await other.close()
            throw error
        }
    }

    /// A link for each connection to LOCAL, until a signal.
    private func serve(_ local: Address, _ remote: Address, _ options: LinkOptions) async throws -> ExitStatus {
        let loops = try EventLoops(count: EventLoops.coreCount)
        let dialer = try self.dialer(for: remote, loops, options)
        let limit = LinkLimit(self.arguments.maxLinks)
        let listener = try await Listener.start(on: local, loops: loops, options: options, log: self.log) {
            connection in
            switch limit.take() {
            case .full(let isNews):
                if isNews {
                    let name = connection.listenerName
                    self.log.warning("\(name): more links than --max-links \(limit.limit); refused until one ends")
                }
                return await connection.refuse()
            case .taken:
                break
            }
            guard let link = await self.open(connection, from: local, to: remote, by: dialer) else {
                return limit.release()
            }
            // On a task of its own: the memory that opening took goes with the task that did it, and so do the options.
            let executor = connection.executor
            Task.detached(executorPreference: executor) {
                _ = await self.run(link, accepted: .local, on: executor)
                limit.release()
            }
        }
        self.links.add(listener)
        self.log.notice("listening on \(listener.name)")
        // A signal closes it.
        await listener.waitUntilClosed()
        return .success
    }

    /// Opens both ends of a link for a connection to LOCAL; what fails is logged.
    private func open(
        _ connection: IncomingConnection,
        from local: Address,
        to remote: Address,
        by dialer: Dialer
    ) async -> Link? {
        do {
            let ends = try await connection.open(keepsMessages: remote.carriesMessages(inStandardStreams: false)) {
                let other = try await dialer.dial(
                    remote,
                    on: connection.executor,
                    keepsMessages: local.carriesMessages(inStandardStreams: false),
                    for: connection
                )
                try await other.begin(with: connection.headerToPassOn, self.arguments.proxyProtocol.sendProxy)
                return other
            }
            return ends.map { Link(local: $0.incoming, remote: $0.other, executor: connection.executor) }
        } catch let error as OpeningError where error.reason.isExhaustion {
            connection.pauseListener(reason: "\(error)")
            self.log.debug("\(error)")
        } catch {
            self.log.error("\(error)")
        }
        return nil
    }

    /// One link, with the first connection to REMOTE.
    private func serveOnce(_ local: Address, _ remote: Address, _ options: LinkOptions) async throws -> ExitStatus {
        let loops = try EventLoops(count: 1)
        let dialer = try self.dialer(for: local, loops, options)
        let (statuses, continuation) = AsyncStream.makeStream(of: Result<ExitStatus, any Error>.self)
        let isTaken = NIOLockedValueBox(false)
        let listener = try await Listener.start(on: remote, loops: loops, options: options, log: self.log) {
            connection in
            let isFirst = isTaken.withLockedValue { taken in
                defer { taken = true }
                return !taken
            }
            guard isFirst else { return await connection.refuse() }
            do {
                let ends = try await connection.open(
                    keepsMessages: local.carriesMessages(inStandardStreams: options.keepsMessages)
                ) {
                    try await dialer.dial(local, on: connection.executor, keepsMessages: true, for: connection)
                }
                guard let ends else { return isTaken.withLockedValue { $0 = false } }
                let link = Link(local: ends.other, remote: ends.incoming, executor: connection.executor)
                continuation.yield(.success(await self.run(link, on: connection.executor)))
            } catch {
                continuation.yield(.failure(error))
            }
        }
        self.links.add(listener)
        self.log.notice("listening on \(listener.name)")
        for await status in statuses {
            listener.close()
            return try status.get()
        }
        return .success
    }

    // MARK: Parts

    private func dialer(for address: Address, _ loops: EventLoops, _ options: LinkOptions) throws -> Dialer {
        try Dialer(for: address, loops: loops, options: options, log: self.log)
    }

    /// Runs a link and says how it ended.
    ///
    /// - Parameter accepted: the side whose peer came to us, of whom there are many.
    private func run(_ link: Link, accepted: Side? = nil, on executor: EventLoopExecutor) async -> ExitStatus {
        let start = NIODeadline.now()
        let id = self.links.add(link, on: executor)
        let outcome = await link.run()
        var status = self.report(outcome, of: link, accepted: accepted)
        let life = start.elapsed
        if let failure = await link.close() { status = self.report(failure, of: link, accepted: accepted) }
        self.conclude(link, id, outcome, status, life)
        return status
    }

    /// Apart, and never inlined: a link that runs need not hold what this holds.
    @inline(never)
    private func conclude(_ link: Link, _ id: Int, _ outcome: LinkOutcome, _ status: ExitStatus, _ life: Duration) {
        let end =
            switch outcome {
            case .cancelled: "cancelled"
            case .ended, .expired, .failed: status == .success ? "ended" : "broken"
            }
        self.log.debug("\(link.name): \(end) after \(LinkSummary(link, life: life))")
        // Last, since a signal ends the process once there are no links.
        self.links.remove(id, link.counters)
    }

    /// Says how a link ended, as soon as it is known.
    @inline(never)
    private func report(_ outcome: LinkOutcome, of link: Link, accepted: Side?) -> ExitStatus {
        switch outcome {
        case .ended:
            return .success
        case .failed(let side, let error):
            let line: Logger.Message = "\(link.name(of: side)): \(error)"
            switch error {
            case StreamError.hungUp:
                // Nobody is left to be told, except through the status.
                self.log.debug(line)
            case WebSocketError.closed(let reason) where side == accepted && reason.code == .goingAway:
                // A client that leaves, as one does at the end of each ssh session, is no fault of ours or the service.
                self.log.debug(line)
            default:
                self.log.error(line)
            }
            return ExitStatus(breaking: error)
        case .expired(let expiry):
            self.log.debug("\(link.name): \(expiry)")
            return .success
        case .cancelled:
            return .success
        }
    }
}
