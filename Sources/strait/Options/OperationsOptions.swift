// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Service

/// How a service is watched and ended, and whose word it takes.
struct OperationsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Serve /metrics, /healthz and /readyz on this address.", valueName: "host:port"))
    var metrics: String?

    @Option(help: ArgumentHelp("Log lines as text or json. Default: text.", valueName: "format"))
    var logFormat: String?

    @Option(
        help: ArgumentHelp("How long links may go on after SIGTERM; then Close 1001. Default: 0s.", valueName: "time")
    )
    var drainTimeout: String?

    @Option(
        help: ArgumentHelp(
            "Connections from here begin with a PROXY header; unix: Unix sockets. Repeat it.",
            valueName: "network"
        )
    )
    var acceptProxy: [String] = []

    @Option(help: ArgumentHelp("Begin connections to tcp: and unix: targets with one, v1 or v2.", valueName: "version"))
    var sendProxy: String?

    @Option(
        help: ArgumentHelp("Proxies that say by a header who stands behind them. Repeat it.", valueName: "network")
    )
    var trustForwarded: [String] = []

    @Option(
        help: ArgumentHelp(
            "The header: x-forwarded-for or forwarded. Default: x-forwarded-for.",
            valueName: "name"
        )
    )
    var forwardedHeader: String?

    var settings: [Setting] {
        [("accept-proxy", self.acceptProxy), ("trust-forwarded", self.trustForwarded)].settings
            + [
                ("metrics", self.metrics), ("log-format", self.logFormat), ("drain-timeout", self.drainTimeout),
                ("send-proxy", self.sendProxy), ("forwarded-header", self.forwardedHeader),
            ].settings
    }
}
