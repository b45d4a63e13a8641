// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints

/// The PROXY protocol, with which proxies tell where a connection comes from.
struct ProxyProtocolArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Connections from here begin with a PROXY header; \"unix\" means Unix sockets. Repeatable.",
            valueName: "network"
        )
    )
    var acceptProxy: [String] = []

    @Option(help: ArgumentHelp("Begin connections to tcp: or unix: with one, v1 or v2.", valueName: "version"))
    var sendProxy: ProxyHeader.Version?

    func validate() throws {
        do throws(AddressError) {
            _ = try TrustedSources(self.acceptProxy)
        } catch {
            throw ValidationError("--accept-proxy \(error)")
        }
    }

    func apply(to options: inout LinkOptions) throws(AddressError) {
        options.proxyProtocol.acceptedFrom = try TrustedSources(self.acceptProxy)
        options.proxyProtocol.sent = self.sendProxy
    }

    /// - Parameters: the two ends of the link.
    func check(local: Address, remote: Address) throws {
        if !self.acceptProxy.isEmpty, !local.isListening, !remote.isListening {
            throw ValidationError("--accept-proxy needs an address that listens")
        }
        guard self.sendProxy != nil else { return }
        let isSocket =
            switch remote {
            case .tcp, .unix: true
            case .standardStreams, .webSocket, .webSocketListen, .webSocketOverUnix, .webSocketUnixListen,
                .webSocketInherited, .tcpListen, .unixListen, .exec, .shell, .echo, .discard:
                false
            }
        if !isSocket || !local.isListening {
            throw ValidationError("--send-proxy needs a LOCAL that listens, and tcp: or unix: as REMOTE")
        }
    }
}

extension ProxyHeader.Version: ExpressibleByArgument {}
