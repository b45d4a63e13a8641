// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Which route takes a request.
struct RouteTable: Sendable {
    struct Match: Sendable {
        let route: Route
        /// What the placeholders of its pattern stand for.
        let values: [String: String]
    }

    /// The more specific ones first.
    private let routes: [Route]

    init(_ routes: [Route]) {
        // The sort is stable only by accident, so the order of the configuration is asked for.
        self.routes = routes.enumerated().sorted { one, two in
            if one.element.pattern.isMoreSpecific(than: two.element.pattern) { return true }
            if two.element.pattern.isMoreSpecific(than: one.element.pattern) { return false }
            return one.offset < two.offset
        }.map(\.element)
    }

    /// - Parameter host: As `RequestHost` gives it.
    func match(host: String, path: RequestPath) -> Match? {
        for route in self.routes {
            if let values = route.pattern.match(host: host, path: path) { return Match(route: route, values: values) }
        }
        return nil
    }
}
