// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import RelayCore

/// How the other side is reached.
struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Limit for the header block of a request or an answer.", valueName: "size"))
    var maxHeader = ByteSize(16 << 10)

    @Flag(name: .customShort("4"), help: "IPv4 only.")
    var ipv4 = false

    @Flag(name: .customShort("6"), help: "IPv6 only.")
    var ipv6 = false

    func validate() throws {
        if self.ipv4, self.ipv6 { throw ValidationError("-4 and -6 exclude each other") }
        if self.maxHeader.bytes < Self.leastHeader {
            throw ValidationError("--max-header needs at least \(Self.leastHeader.byteSizeDescription)")
        }
    }

    func apply(to options: inout LinkOptions) {
        options.headLimit = self.maxHeader.bytes
        options.family = self.ipv4 ? .ipv4 : self.ipv6 ? .ipv6 : .any
    }

    /// No browser's request fits in less.
    private static let leastHeader = 1 << 10
}
