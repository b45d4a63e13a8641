// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import Logging

/// A configuration with all that it names: what one connection sees from its beginning to its end.
struct ServiceSnapshot: Sendable {
    let configuration: ServiceConfiguration
    let routes: RouteTable
    /// For the targets of each route, by its name.
    private let dialers: [String: Dialer]
    private let gates: [String: Gate]

    /// Reads the files that the configuration names.
    ///
    /// - Throws: `ConfigurationError` or `OpeningError`, naming the file.
    init(_ configuration: ServiceConfiguration, loops: EventLoops, passwords: PasswordCheck, log: Logger) throws {
        self.configuration = configuration
        self.routes = RouteTable(configuration.routes)
        self.gates = try Self.gates(configuration, passwords)
        try configuration.checkAuthorities()
        var dialers: [String: Dialer] = [:]
        for route in configuration.routes {
            dialers[route.name] = try Dialer(
                for: route.target.sample,
                loops: loops,
                options: configuration.dialOptions,
                log: log
            )
        }
        self.dialers = dialers
    }

    /// - Throws: For the first file that can't be used.
    static func gates(
        _ configuration: ServiceConfiguration,
        _ passwords: PasswordCheck
    ) throws(ConfigurationError) -> [String: Gate] {
        let files = try AccessFiles(configuration.routes.map(\.settings.access), passwords: passwords)
        var gates: [String: Gate] = [:]
        for route in configuration.routes {
            let access = route.settings.access
            gates[route.name] = Gate(
                users: files.users(of: access),
                tokens: files.tokens(of: access),
                passwords: passwords
            )
        }
        return gates
    }

    func gate(of route: Route) -> Gate? { self.gates[route.name] }

    func dialer(for route: Route) -> Dialer? { self.dialers[route.name] }

    /// Whether a rule names the address and port that a request has chosen.
    func permits(_ address: IPAddress, port: Int) -> Bool {
        self.configuration.allowed.contains { $0.permits(address, port: port) }
    }

    /// Whether a rule names the folder of the socket that a request has chosen.
    func permits(socket path: String) -> Bool {
        self.configuration.allowed.contains { $0.permits(socket: path) }
    }
}
