// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Service

/// Who may come in.
struct AccessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Networks that clients may come from; unix: clients of Unix sockets.", valueName: "network")
    )
    var from: [String] = []

    @Option(help: ArgumentHelp("Origins that browsers may come from. Default: any.", valueName: "origin"))
    var origin: [String] = []

    var settings: [Setting] {
        [("from", self.from), ("origin", self.origin)].settings
    }
}
