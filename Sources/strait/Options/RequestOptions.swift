// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints

/// What a WebSocket's opening request says.
struct RequestOptions: ParsableArguments {
    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("Header of the request, also in place of a usual one.", valueName: "NAME: VALUE")
    )
    var header: [HeaderArgument] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Basic authentication, in place of the address's.", valueName: "user:password")
    )
    var user: String?

    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp("Subprotocols to offer or accept, best first, separated by commas.", valueName: "name")
    )
    var subprotocol: [String] = []

    func validate() throws {
        if let user, !user.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
            throw ValidationError("--user has control characters")
        }
    }

    func apply(to options: inout LinkOptions) {
        options.userAgent = "strait/\(Version.current)"
        options.headers = self.header.map { ($0.name, $0.value) }
        options.credentials = self.user
        options.subprotocols = self.subprotocol.flatMap { $0.split { $0 == "," || $0 == " " } }.map(String.init)
    }
}
