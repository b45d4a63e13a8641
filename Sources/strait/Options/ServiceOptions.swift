// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Service

/// Where a service listens, and where it leads.
struct ServiceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where to listen: ws://HOST:PORT, wss://…, unix:PATH. Repeat it.", valueName: "address"))
    var listen: [String] = []

    @Option(help: ArgumentHelp("Requests for PATTERN are led to TARGET. Repeat it.", valueName: "pattern=target"))
    var route: [String] = []

    @Option(help: ArgumentHelp("What a request may choose: 10.0.0.0/8:22,5432. Repeat it.", valueName: "network:ports"))
    var allow: [String] = []

    @Option(help: ArgumentHelp("Keys and values as in strait.conf(5); options go on top of it.", valueName: "file"))
    var config: String?

    @Flag(help: "Only check the options and all files.")
    var check = false

    var settings: [Setting] {
        [("listen", self.listen), ("route", self.route), ("allow", self.allow)].settings
    }
}
