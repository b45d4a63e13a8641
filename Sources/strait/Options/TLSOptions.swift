// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints

/// Whom TLS trusts, and who we are.
struct TLSOptions: ParsableArguments {
    @Flag(name: [.customShort("k"), .long], help: "Do not verify the server's certificate.")
    var insecure = false

    @Option(help: ArgumentHelp("Authorities to trust instead of the system's, PEM.", valueName: "file"))
    var cacert: String?

    @Option(help: ArgumentHelp("Our certificate and chain, PEM; wss-listen needs it.", valueName: "file"))
    var cert: String?

    @Option(help: ArgumentHelp("Key of --cert, PEM. Default: in the same file.", valueName: "file"))
    var key: String?

    func validate() throws {
        if self.key != nil, self.cert == nil { throw ValidationError("--key needs --cert") }
    }

    func apply(to options: inout LinkOptions) {
        options.isInsecure = self.insecure
        options.authorityFile = self.cacert
        options.certificateFile = self.cert
        options.keyFile = self.key
    }
}
