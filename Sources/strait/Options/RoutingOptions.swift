// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import Glibc

/// Where connections go in place of where the address says, as with curl.
struct RoutingOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Addresses of a name (* any) in place of the resolver's; -HOST:PORT takes earlier ones back.",
            valueName: "HOST:PORT:ADDRESS[,ADDRESS]…"
        ),
        transform: { try Self.rule($0, "--resolve", ResolveRule.init) }
    )
    var resolve: [ResolveRule] = []

    @Option(
        help: ArgumentHelp(
            "Connect to the second in place of the first; TLS and Host keep the name. Empty parts: any, the same.",
            valueName: "HOST1:PORT1:HOST2:PORT2"
        ),
        transform: { try Self.rule($0, "--connect-to", ConnectToRule.init) }
    )
    var connectTo: [ConnectToRule] = []

    @Option(help: ArgumentHelp("Connect from this interface or address.", valueName: "name"))
    var interface: String?

    @Option(
        help: ArgumentHelp("Connect WebSockets through this Unix socket; @NAME is abstract.", valueName: "path"),
        completion: .file()
    )
    var unixSocket: String?

    func validate() throws {
        if let interface, interface.isEmpty || interface.utf8.count > Self.longestInterface {
            throw ValidationError("--interface takes the name of an interface, or an address of this machine")
        }
        if let unixSocket {
            do throws(AddressError) {
                _ = try Address("unix:\(unixSocket)")
            } catch {
                throw ValidationError("--unix-socket: \(error)")
            }
        }
    }

    var settings: Routing {
        var settings = Routing()
        settings.resolve = self.resolve
        settings.connectTo = self.connectTo
        settings.interface = self.interface
        settings.unixSocket = self.unixSocket
        return settings
    }

    /// That of an IPv6 address; names of interfaces are shorter.
    private static let longestInterface = 45

    private static func rule<Rule>(
        _ text: String,
        _ option: String,
        _ read: (String) throws(AddressError) -> Rule
    ) throws -> Rule {
        do throws(AddressError) {
            return try read(text)
        } catch {
            throw ValidationError("\(option) \(error)")
        }
    }
}
