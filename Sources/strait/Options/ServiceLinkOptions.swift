// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Service

/// How a service's links behave, and what TLS shows.
struct ServiceLinkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Certificate and chain of wss:// listeners, PEM. Repeat it: clients choose by name.",
            valueName: "file"
        )
    )
    var cert: [String] = []

    @Option(help: ArgumentHelp("Key of --cert, PEM. Default: in the same file.", valueName: "file"))
    var key: [String] = []

    @Option(help: ArgumentHelp("OCSP response in DER for one of the certificates. Repeat it.", valueName: "file"))
    var ocsp: [String] = []

    @Option(help: ArgumentHelp("Authorities of clients' certificates, PEM; for --client-name.", valueName: "file"))
    var clientCa: String?

    @Option(
        help: ArgumentHelp("Authorities to trust for wss:// targets, PEM. Default: the system's.", valueName: "file")
    )
    var cacert: String?

    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp("Subprotocols to accept, best first, separated by commas.", valueName: "name")
    )
    var subprotocol: [String] = []

    @Option(help: ArgumentHelp("For name, connection and answer of a target. Default: 30s.", valueName: "time"))
    var connectTimeout: String?

    @Option(help: ArgumentHelp("Wait for a silent peer without half-close. Default: 30s.", valueName: "time"))
    var linger: String?

    @Option(help: ArgumentHelp("Ping a peer that is silent this long; 0 never. Default: 30s.", valueName: "time"))
    var pingInterval: String?

    @Option(help: ArgumentHelp("Give it up after this much more. Default: 30s.", valueName: "time"))
    var pingTimeout: String?

    @Flag(help: "Accept, and offer, to compress messages (permessage-deflate).")
    var compressed = false

    @Option(help: ArgumentHelp("Window as a power of 2, 9 to 15. Default: 12.", valueName: "bits"))
    var compressWindow: String?

    @Option(help: ArgumentHelp("Longest frame to send; 0 any. Default: 0, behind Cloudflare 16k.", valueName: "size"))
    var maxFrame: String?

    @Option(help: ArgumentHelp("Try this often to reach a target again, when it may help.", valueName: "number"))
    var retry: String?

    @Option(help: ArgumentHelp("Pause before each further try. Default: 1s, then doubled.", valueName: "time"))
    var retryDelay: String?

    @Option(help: ArgumentHelp("No further try after this; 0 never too late.", valueName: "time"))
    var retryMaxTime: String?

    var settings: [Setting] {
        [("protocol", self.subprotocol), ("cert", self.cert), ("key", self.key), ("ocsp", self.ocsp)].settings
            + [
                ("cacert", self.cacert), ("client-ca", self.clientCa),
                ("connect-timeout", self.connectTimeout), ("linger", self.linger),
                ("ping-interval", self.pingInterval), ("ping-timeout", self.pingTimeout),
                ("compressed", self.compressed ? "true" : nil), ("compress-window", self.compressWindow),
                ("max-frame", self.maxFrame), ("retry", self.retry), ("retry-delay", self.retryDelay),
                ("retry-max-time", self.retryMaxTime),
            ].settings
    }
}
