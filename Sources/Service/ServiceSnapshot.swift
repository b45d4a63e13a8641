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

    /// Reads the files that the configuration names.
    ///
    /// - Throws: `ConfigurationError` or `OpeningError`, naming the file.
    init(_ configuration: ServiceConfiguration, loops: EventLoops, log: Logger) throws {
        self.configuration = configuration
        self.routes = RouteTable(configuration.routes)
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
