// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import Logging
import Operations
import Service
import UnixSignals

/// Runs a service until a signal ends it.
struct Serve: Sendable {
    private enum Event: Sendable {
        case signal(UnixSignal)
        /// After SIGTERM no link is left, or the time for it is over.
        case drained
    }

    private let command: ServeCommand
    private let log = Logger(label: "strait")
    private let manager = ServiceManager.current

    /// How long links have to say goodbye after a signal.
    private static let farewell = Duration.seconds(1)

    init(_ command: ServeCommand) {
        self.command = command
    }

    func run() async -> ExitStatus {
        if self.command.service.check { return self.check() }
        let signals = await UnixSignalsSequence(trapping: [.sigint, .sigterm, .sigquit, .sighup])
        let questions = await UnixSignalsSequence(trapping: .sigusr1)
        let journal = ServiceJournal(self.log)
        let readiness = Readiness()
        do {
            let configuration = try self.command.serviceConfiguration()
            StderrLog.use(configuration.operations.logFormat)
            let loops = try EventLoops(count: EventLoops.coreCount)
            let metrics = ServiceMetrics(version: Version.current, readiness: readiness) { loops.traffic }
            let service = try Service(
                configuration,
                loops: loops,
                log: self.log,
                observers: [journal, metrics],
                inheritedSockets: try self.manager.sockets.get().byName
            )
            self.announce(try await service.start())
            let monitor = try await self.monitor(configuration, loops, readiness, metrics)
            readiness.phase = .ready
            self.manager.tell(.ready)
            self.keepWatchdog(loops)
            Task { for await _ in questions { journal.list(await service.openLinks()) } }
            let status = await self.heed(signals, service, configuration, readiness, metrics)
            monitor?.close()
            return status
        } catch let error as OpeningError {
            self.log.error("\(error)")
            return ExitStatus(opening: error.reason)
        } catch {
            self.log.error("\(error)")
            return .usage
        }
    }

    /// Everything but listening.
    private func check() -> ExitStatus {
        do throws(ConfigurationError) {
            let configuration = try self.command.serviceConfiguration()
            try configuration.checkFiles()
            return .success
        } catch {
            self.log.error("\(error)")
            return .usage
        }
    }

    private func monitor(
        _ configuration: ServiceConfiguration,
        _ loops: EventLoops,
        _ readiness: Readiness,
        _ metrics: ServiceMetrics
    ) async throws(OpeningError) -> MonitorServer? {
        guard let address = configuration.operations.metrics else { return nil }
        let sources = MonitorServer.Sources(
            isHealthy: { await loops.answer(within: .seconds(2)) },
            readiness: readiness,
            metrics: { metrics.text }
        )
        let monitor = try await MonitorServer(on: address, sources)
        self.log.notice("metrics at \(monitor.name)/metrics")
        return monitor
    }

    /// Tells the service manager that we live, for as long as every event loop does.
    private func keepWatchdog(_ loops: EventLoops) {
        guard let watchdog = self.manager.watchdog else { return }
        Task {
            while (try? await Task.sleep(for: watchdog.interval)) != nil {
                if await loops.answer(within: watchdog.interval) { self.manager.tell(.watchdog) }
            }
        }
    }

    /// - Returns: when all links are over, or have to be.
    private func heed(
        _ signals: UnixSignalsSequence,
        _ service: Service,
        _ configuration: ServiceConfiguration,
        _ readiness: Readiness,
        _ metrics: ServiceMetrics
    ) async -> ExitStatus {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        Task { for await signal in signals { continuation.yield(.signal(signal)) } }
        var drainTimeout = configuration.operations.drainTimeout
        var status = ExitStatus(signal: UnixSignal.sigterm.rawValue)
        heeding: for await event in events {
            switch (event, readiness.phase) {
            case (.signal(.sighup), .draining):
                continue
            case (.signal(.sighup), .starting), (.signal(.sighup), .ready):
                drainTimeout = await self.reload(service, metrics)?.operations.drainTimeout ?? drainTimeout
            case (.signal(.sigterm), .starting), (.signal(.sigterm), .ready):
                let time = drainTimeout
                let end = ContinuousClock.now + time
                self.saysThatItStops(service, readiness)
                // Beside us, who heed a further signal meanwhile.
                Task {
                    await service.stopListening(isPatient: time > .zero)
                    await service.waitForLinks(until: end)
                    continuation.yield(.drained)
                }
            case (.signal(let signal), _):
                self.saysThatItStops(service, readiness)
                await service.stopListening(isPatient: false)
                status = ExitStatus(signal: signal.rawValue)
                break heeding
            case (.drained, _):
                break heeding
            }
        }
        service.endLinks()
        await service.waitForLinks(until: .now + Self.farewell)
        ChildProcess.killAll()
        return status
    }

    private func saysThatItStops(_ service: Service, _ readiness: Readiness) {
        readiness.phase = .draining
        self.manager.tell(.stopping, .status("no new links; \(service.linkCount) go on"))
    }

    /// - Returns: the new configuration; `nil` when the old one stays.
    private func reload(_ service: Service, _ metrics: ServiceMetrics) async -> ServiceConfiguration? {
        self.manager.tell(.reloading(microseconds: SystemdNotifier.monotonicMicroseconds))
        defer { self.manager.tell(.ready) }
        do {
            let configuration = try self.command.serviceConfiguration()
            self.announce(try await service.reload(configuration))
            StderrLog.use(configuration.operations.logFormat)
            return configuration
        } catch {
            metrics.reloadFailed()
            self.log.error("configuration refused, the old one stays: \(error)")
            return nil
        }
    }

    private func announce(_ names: [String]) {
        for name in names { self.log.notice("listening on \(name)") }
    }
}
