// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import NIOConcurrencyHelpers
import NIOCore
import RelayCore

/// Who has how many links, handshakes included: in all, by route and by source.
///
/// It outlives configurations, whose limits are asked about at each step.
final class LinkPlaces: Sendable {
    /// What one connection has been counted for.
    struct Ticket: Hashable, Sendable {
        fileprivate var source: SourceTable.Place?
        fileprivate var route: String?
    }

    private struct State {
        var total = 0
        var routes: [String: Int] = [:]
        var sources: SourceTable
        var refusing = 0
        var warning = SpacedWarning()
    }
    private let state: NIOLockedValueBox<State>

    /// How many of those that there is no room for may take their time to hear so.
    private static let mostRefusing = 256

    init() {
        self.state = NIOLockedValueBox(State(sources: SourceTable(at: .now)))
    }

    /// A connection has come.
    ///
    /// - Parameter source: `nil` over Unix sockets, and where another source will be known later.
    func enter(
        from source: IPAddress?,
        _ configuration: ServiceConfiguration
    ) -> Result<Ticket, RequestRefusal> {
        self.state.withLockedValue { state in
            guard configuration.maxLinks == 0 || state.total < configuration.maxLinks else {
                let detail = "there are --max-links \(configuration.maxLinks) links in all"
                return .failure(Self.refusal(503, "there are too many links", detail: detail))
            }
            var ticket = Ticket()
            if let source {
                switch Self.count(source, in: &state.sources, configuration) {
                case .success(let place): ticket.source = place
                case .failure(let refusal): return .failure(refusal)
                }
            }
            state.total += 1
            return .success(ticket)
        }
    }

    /// The request of a connection that has entered says where it comes from.
    func enter(
        from source: IPAddress,
        with ticket: inout Ticket,
        _ configuration: ServiceConfiguration
    ) throws(RequestRefusal) {
        guard ticket.source == nil else { return }
        ticket.source = try self.state.withLockedValue { state in
            Self.count(source, in: &state.sources, configuration)
        }.get()
    }

    /// The request of a connection that has entered names a route.
    func enter(_ route: Route, with ticket: inout Ticket) throws(RequestRefusal) {
        let limit = route.settings.maxLinks
        let isFull = self.state.withLockedValue { state in
            let count = state.routes[route.name, default: 0]
            if limit > 0, count >= limit { return true }
            state.routes[route.name] = count + 1
            return false
        }
        if isFull {
            let detail = "there are max-links \(limit) links of the route \(route.name)"
            throw Self.refusal(503, "there are too many links to this path", detail: detail)
        }
        ticket.route = route.name
    }

    /// The connection and its link are over.
    func leave(_ ticket: Ticket) {
        self.state.withLockedValue { state in
            state.total -= 1
            if let source = ticket.source { state.sources.leave(source) }
            if let route = ticket.route {
                let left = state.routes[route, default: 1] - 1
                state.routes[route] = left > 0 ? left : nil
            }
        }
    }

    enum OnRefuse: Equatable {
        /// Its request is waited for and answered. Call `endRefusal` then.
        case answer
        /// Too many are waited for: it is cut off. Say so if it is news.
        case cutOff(isNews: Bool)
    }

    /// A connection that there was no room for: telling it so must not take the room that it was not given.
    func beginRefusal() -> OnRefuse {
        self.state.withLockedValue { state in
            guard state.refusing < Self.mostRefusing else { return .cutOff(isNews: state.warning.isDue(at: .now())) }
            state.refusing += 1
            return .answer
        }
    }

    func endRefusal() {
        self.state.withLockedValue { $0.refusing -= 1 }
    }

    private static func count(
        _ source: IPAddress,
        in sources: inout SourceTable,
        _ configuration: ServiceConfiguration
    ) -> Result<SourceTable.Place, RequestRefusal> {
        let (links, rate) = (configuration.maxLinksPerSource, configuration.maxHandshakeRate)
        switch sources.enter(SourceKey(source), maxLinks: links, rate: rate, at: .now) {
        case .entered(let place):
            return .success(place)
        case .tooMany:
            let detail = "there are --max-links-per-source \(links) links from \(source)"
            return .failure(Self.refusal(429, "there are too many links from your address", detail: detail))
        case .tooFast(let wait):
            let detail = "more than --max-handshake-rate \(rate) requests in a second from \(source)"
            return .failure(Self.refusal(429, "too many requests", after: wait, detail: detail))
        }
    }

    private static func refusal(
        _ status: Int,
        _ reason: String,
        after wait: Duration = .seconds(1),
        detail: String
    ) -> RequestRefusal {
        let seconds = max(1, wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0))
        return RequestRefusal(status, reason, headers: ["Retry-After": "\(seconds)"], detail: detail)
    }
}
