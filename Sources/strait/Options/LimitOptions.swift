// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Service

/// How much a service gives. Without an option there is no limit, unless a default is named.
struct LimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Links in all; 0 any number. Default: 10000.", valueName: "number"))
    var maxLinks: String?

    @Option(help: ArgumentHelp("Links of each route.", valueName: "number"))
    var maxLinksPerRoute: String?

    @Option(help: ArgumentHelp("Links of each source: an IPv4 address or an IPv6 /64.", valueName: "number"))
    var maxLinksPerSource: String?

    @Option(help: ArgumentHelp("Requests of each source in a second.", valueName: "number"))
    var maxHandshakeRate: String?

    @Option(help: ArgumentHelp("For TLS and request of a client. Default: 10s.", valueName: "time"))
    var handshakeTimeout: String?

    @Option(help: ArgumentHelp("End a link that carries no byte for so long.", valueName: "time"))
    var idleTimeout: String?

    @Option(help: ArgumentHelp("End a link after so long.", valueName: "time"))
    var maxLife: String?

    @Option(help: ArgumentHelp("Bytes in a second for each link and direction.", valueName: "size"))
    var maxRate: String?

    @Option(help: ArgumentHelp("Header block of a request. Default: 16k.", valueName: "size"))
    var maxHeader: String?

    @Option(help: ArgumentHelp("Pings and Pongs read in a second. Default: 100000.", valueName: "number"))
    var maxControlRate: String?

    var settings: [Setting] {
        [
            ("max-links", self.maxLinks), ("max-links-per-route", self.maxLinksPerRoute),
            ("max-links-per-source", self.maxLinksPerSource), ("max-handshake-rate", self.maxHandshakeRate),
            ("handshake-timeout", self.handshakeTimeout), ("idle-timeout", self.idleTimeout),
            ("max-life", self.maxLife), ("max-rate", self.maxRate), ("max-header", self.maxHeader),
            ("max-control-rate", self.maxControlRate),
        ].settings
    }
}
