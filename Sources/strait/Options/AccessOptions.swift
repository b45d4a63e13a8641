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

    @Option(help: ArgumentHelp("Names that a client's certificate must have one of: DNS:*.example.", valueName: "name"))
    var clientName: [String] = []

    @Option(help: ArgumentHelp("File of users, NAME:HASH with bcrypt or SHA-crypt (htpasswd -B).", valueName: "file"))
    var users: String?

    @Option(help: ArgumentHelp("File of bearer tokens, TOKEN or sha256:HEX.", valueName: "file"))
    var tokens: String?

    var settings: [Setting] {
        [("from", self.from), ("origin", self.origin), ("client-name", self.clientName)].settings
            + [("users", self.users), ("tokens", self.tokens)].settings
    }
}
