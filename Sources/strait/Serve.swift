// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import Logging
import Service
import UnixSignals

/// Runs a service until a signal ends it.
struct Serve: Sendable {
    private let command: ServeCommand
    private let log = Logger(label: "strait")

    /// How long links have to say goodbye after a signal.
    private static let farewell = Duration.seconds(1)

    init(_ command: ServeCommand) {
        self.command = command
    }

    func run() async -> ExitStatus {
        if self.command.service.check { return self.check() }
        let signals = await UnixSignalsSequence(trapping: [.sigint, .sigterm, .sigquit, .sighup])
        let service: Service
        do {
            service = try Service(
                try self.command.serviceConfiguration(),
                loops: try EventLoops(count: EventLoops.coreCount),
                log: self.log,
                observers: [ServiceLog(self.log)]
            )
            self.announce(try await service.start())
        } catch let error as OpeningError {
            self.log.error("\(error)")
            return ExitStatus(opening: error.reason)
        } catch {
            self.log.error("\(error)")
            return .usage
        }
        for await signal in signals {
            guard signal != .sighup else {
                await self.reload(service)
                continue
            }
            service.stopListening()
            service.endLinks()
            await service.waitForLinks(within: Self.farewell)
            ChildProcess.killAll()
            return ExitStatus(signal: signal.rawValue)
        }
        return .success
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

    private func reload(_ service: Service) async {
        do {
            self.announce(try await service.reload(try self.command.serviceConfiguration()))
        } catch {
            self.log.error("configuration refused, the old one stays: \(error)")
        }
    }

    private func announce(_ names: [String]) {
        for name in names { self.log.notice("listening on \(name)") }
    }
}
