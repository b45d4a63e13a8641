// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints

/// How TCP finds out that a peer has gone without a word, as with curl.
struct KeepaliveOptions: ParsableArguments {
    @Flag(help: "No TCP keepalive.")
    var noKeepalive = false

    @Option(
        help: ArgumentHelp("TCP keepalive: probe a peer that is silent this long, and as often.", valueName: "time")
    )
    var keepaliveTime = TimeSpan(.seconds(60))

    @Option(help: ArgumentHelp("Probes without an answer until the connection is broken.", valueName: "number"))
    var keepaliveCnt = 9

    func validate() throws {
        // tcp(7)
        if !(Duration.seconds(1)...Self.longest).contains(self.keepaliveTime.duration) {
            throw ValidationError("--keepalive-time takes 1s to 32767s")
        }
        if !(1...127).contains(self.keepaliveCnt) { throw ValidationError("--keepalive-cnt takes 1 to 127") }
    }

    var settings: TCPKeepalive? {
        guard !self.noKeepalive else { return nil }
        return TCPKeepalive(time: self.keepaliveTime.duration, probes: self.keepaliveCnt)
    }

    private static let longest = Duration.seconds(32767)
}
