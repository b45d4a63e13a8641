// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints

/// How long the opening of a link may take.
struct TimeoutOptions: ParsableArguments {
    @Option(help: ArgumentHelp("For name, connection, proxy, TLS and handshake in all.", valueName: "time"))
    var connectTimeout = TimeSpan(.seconds(30))

    @Option(help: ArgumentHelp("Of these, for a name. Default, here and below: the whole.", valueName: "time"))
    var nameTimeout: TimeSpan?

    @Option(help: ArgumentHelp("For each TCP connection, and for a proxy's answer.", valueName: "time"))
    var tcpTimeout: TimeSpan?

    @Option(help: ArgumentHelp("For TLS with the server.", valueName: "time"))
    var tlsTimeout: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "For TLS and handshake; of a listener's client, too: then 10s by default.",
            valueName: "time"
        )
    )
    var handshakeTimeout: TimeSpan?

    func validate() throws {
        let steps = [
            ("--name-timeout", self.nameTimeout), ("--tcp-timeout", self.tcpTimeout),
            ("--tls-timeout", self.tlsTimeout), ("--handshake-timeout", self.handshakeTimeout),
        ]
        for (option, time) in steps where time?.duration == .zero {
            throw ValidationError("\(option) needs a time over 0")
        }
    }

    func apply(to options: inout LinkOptions) {
        // As with curl, 0 is the default.
        if self.connectTimeout.duration > .zero { options.opening.whole = self.connectTimeout.duration }
        options.opening.name = self.nameTimeout?.duration
        options.opening.connection = self.tcpTimeout?.duration
        options.opening.tls = self.tlsTimeout?.duration
        options.opening.handshake = self.handshakeTimeout?.duration
        if let handshakeTimeout { options.handshakeTimeout = handshakeTimeout.duration }
    }
}
