// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import NIOCore
import RelayCore

/// A connection's way from its request to its link: which route takes it, whether it may come in, where it is led.
///
/// `@unchecked Sendable` holds because it is used on the connection's event loop only.
final class Visit: @unchecked Sendable {
    private(set) var info: ConnectionInfo
    private let snapshot: ServiceSnapshot
    private let places: LinkPlaces
    private var ticket: Result<LinkPlaces.Ticket, RequestRefusal>
    /// The route that the request has named.
    private(set) var route: Route?
    /// The link that the request is let in to.
    private(set) var link: LinkInfo?
    /// How long the other end took.
    private(set) var dialTime = Duration.zero

    init(
        _ info: ConnectionInfo,
        _ snapshot: ServiceSnapshot,
        _ ticket: Result<LinkPlaces.Ticket, RequestRefusal>,
        _ places: LinkPlaces
    ) {
        self.info = info
        self.snapshot = snapshot
        self.ticket = ticket
        self.places = places
    }

    /// The connection is over.
    func leave() {
        switch self.ticket {
        case .success(let ticket): self.places.leave(ticket)
        case .failure: self.places.endRefusal()
        }
    }

    /// - Throws: `RequestRefusal`.
    func admit(_ request: IncomingRequest, of connection: IncomingConnection) async throws -> Admission {
        var ticket = try self.ticket.get()
        var request = request
        try self.ask(&request, with: &ticket)
        let (path, host) = try Self.address(of: request)
        guard let match = self.snapshot.routes.match(host: host, path: path) else {
            throw RequestRefusal(404, "nothing is served at this path")
        }
        let route = match.route
        self.route = route
        try route.settings.access.check(request)
        guard let gate = self.snapshot.gate(of: route), let dialer = self.snapshot.dialer(for: route) else {
            throw RequestRefusal(404, "nothing is served at this path")
        }
        let user = try await gate.admit(request)
        try self.places.enter(route, with: &ticket)
        self.ticket = .success(ticket)
        guard let address = route.target.address(match.values) else {
            let detail = "what the path says is no part of an address: \(route.name) leads to \(route.target)"
            throw RequestRefusal(403, Self.notPermitted, detail: detail)
        }
        let rules = try self.rules(for: address, of: route, request, path, match.values, user)
        self.link = LinkInfo(connection: self.info, route: route.name, target: "\(address)", user: user)
        return Admission(keepsMessages: address.carriesMessages(inStandardStreams: false)) {
            try await self.dial(address, by: dialer, rules, for: connection)
        }
    }

    /// Takes a proxy's word for where a request comes from. Who stands behind the proxy is counted only now.
    private func ask(_ request: inout IncomingRequest, with ticket: inout LinkPlaces.Ticket) throws(RequestRefusal) {
        let forwarded = self.snapshot.configuration.operations.forwarded
        guard forwarded.trusted.contain(request.source), !forwarded.trusted.isEmpty else { return }
        request.source = forwarded.source(of: request.source, request.headers)
        self.info.source = request.source
        self.info.header = self.info.header.from(request.source)
        guard let source = request.source.flatMap({ IPAddress($0) }) else { return }
        try self.places.enter(from: source, with: &ticket, self.snapshot.configuration)
        self.ticket = .success(ticket)
    }

    /// Path and host, once both are beyond doubt.
    private static func address(of request: IncomingRequest) throws(RequestRefusal) -> (RequestPath, host: String) {
        let path: RequestPath
        do throws(RequestPathError) {
            path = try RequestPath(target: request.target)
        } catch {
            throw RequestRefusal(400, "\(error)")
        }
        guard let host = RequestHost.name(of: request.host) else {
            throw RequestRefusal(400, "the Host field is no host")
        }
        // RFC 9112 §3.2.2 has the target win; two that differ are a trick.
        guard path.authority.map({ RequestHost.name(of: $0) == host }) ?? true else {
            throw RequestRefusal(400, "the request's target and its Host field name different hosts")
        }
        return (path, host)
    }

    /// What holds for the connection to the other end.
    private func rules(
        for address: Address,
        of route: Route,
        _ request: IncomingRequest,
        _ path: RequestPath,
        _ values: [String: String],
        _ user: String?
    ) throws(RequestRefusal) -> DialRules {
        let snapshot = self.snapshot
        switch (route.target.origin, address) {
        case (.request, .tcp(let host)):
            return DialRules { snapshot.permits($0, port: host.port) }
        case (.request, .webSocket(let url)):
            return DialRules { snapshot.permits($0, port: url.hostAndPort.port) }
        case (.request, .unix(let socket)), (.request, .webSocketOverUnix(let socket, _)):
            guard snapshot.permits(socket: socket) else {
                throw RequestRefusal(403, Self.notPermitted, detail: "no --allow rule permits \(address)")
            }
            return DialRules()
        case (_, .exec), (_, .shell):
            let environment = RequestEnvironment(request, path: path, values: values, user: user)
            return DialRules(environment: environment.variables)
        case (.configuration, _), (.request, _):
            return DialRules()
        }
    }

    private func dial(
        _ address: Address,
        by dialer: Dialer,
        _ rules: DialRules,
        for connection: IncomingConnection
    ) async throws -> any Endpoint {
        let start = ContinuousClock.now
        do throws(OpeningError) {
            let endpoint = try await dialer.dial(
                address,
                on: connection.executor,
                keepsMessages: true,
                rules: rules,
                for: connection
            )
            switch address {
            case .tcp, .unix: try await endpoint.begin(with: self.info.header, self.route?.settings.sentProxyHeader)
            case .standardStreams, .webSocket, .webSocketOverUnix, .webSocketListen, .webSocketUnixListen,
                .webSocketInherited, .tcpListen, .unixListen, .exec, .shell, .echo, .discard:
                break
            }
            self.dialTime = .now - start
            return endpoint
        } catch {
            if case .notPermitted = error.reason {
                throw RequestRefusal(403, Self.notPermitted, detail: "\(error)")
            }
            throw error
        }
    }

    private static let notPermitted = "this target is not permitted"
}
