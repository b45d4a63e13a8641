// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import Service

/// `strait serve`: a service with routes, access rules and limits.
struct ServeCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "strait serve",
        abstract: "Lead WebSocket clients to the services behind this machine.",
        usage: """
            strait serve --listen ADDRESS --route PATTERN=TARGET [options]
            """,
        discussion: """
            PATTERN is a path, /ssh, or //HOST/PATH; {NAME} is any one segment.
            TARGET is an address that connects, in which {NAME} is that segment:
            then an --allow rule must name the address that it stands for.

            EXAMPLES:
              strait serve --listen ws://0.0.0.0:8080 \\
                --route /ssh=tcp:127.0.0.1:22 \\
                --route /db=unix:/run/postgresql/.s.PGSQL.5432
              strait serve --listen unix:/run/strait.sock \\
                --route '/tcp/{host}/{port}=tcp:{host}:{port}' \\
                --allow 10.0.0.0/8:22,5432

              strait serve --config /etc/strait.yaml --check

            SIGHUP reads all files again; links go on. SIGTERM accepts no more, lets
            links go on for --drain-timeout, and ends the rest; a second one at once.
            SIGUSR1 lists the links that are open.
            Times take ms, s, m, h; a plain number means seconds. Sizes take k, m, g.
            """,
        version: Version.current
    )

    @OptionGroup(title: "Service")
    var service: ServiceOptions

    @OptionGroup(title: "Access")
    var access: AccessOptions

    @OptionGroup(title: "Limits")
    var limits: LimitOptions

    @OptionGroup(title: "Links")
    var links: ServiceLinkOptions

    @OptionGroup(title: "Operations")
    var operations: OperationsOptions

    @OptionGroup
    var output: OutputOptions

    /// One more answers --metrics.
    var loopCount: Int { EventLoops.coreCount + 1 }

    func check() throws {
        // What a file says is looked at when the log is there: it is no wrong usage.
        guard self.service.config == nil else { return }
        do throws(ConfigurationError) {
            _ = try self.serviceConfiguration()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// What the options, and the file if there is one, say now.
    func serviceConfiguration() throws(ConfigurationError) -> ServiceConfiguration {
        let file = try self.service.config.map { path throws(ConfigurationError) in
            try ConfigurationFile.settings(path)
        }
        return try ServiceConfiguration(
            (file ?? []) + self.service.settings + self.access.settings + self.limits.settings + self.links.settings
                + self.operations.settings
        )
    }

    func perform() async -> ExitStatus {
        await Serve(self).run()
    }
}
