// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix

/// getaddrinfo(3) on a thread of its own, for NIO's happy eyeballs; keeps the resolver's words for failures.
///
/// One call asks for both families: a name of which /etc/hosts knows one only would else be asked for in DNS.
///
/// `@unchecked Sendable` holds because its members are set before the first query, or on the event loop only.
final class NameResolver: Resolver, @unchecked Sendable {
    /// What the resolver said.
    struct Failure: Error {
        var reason: String
    }

    /// None of the addresses is permitted.
    struct NotPermitted: Error {
        var addresses: [IPAddress]
    }

    private let eventLoop: any EventLoop
    private let threads: NIOThreadPool
    private let family: AddressFamily
    private let known: [IPAddress]?
    private let permits: (@Sendable (IPAddress) -> Bool)?
    private let onAnswer: (([SocketAddress]) -> Void)?
    private var answer: EventLoopFuture<[SocketAddress]>?

    /// - Parameters:
    ///   - known: in place of what getaddrinfo(3) would say.
    ///   - permits: Which addresses are given out; `nil`: all.
    ///   - onAnswer: told the addresses of a name that has some, on the event loop.
    init(
        eventLoop: any EventLoop,
        threads: NIOThreadPool,
        family: AddressFamily,
        known: [IPAddress]? = nil,
        permits: (@Sendable (IPAddress) -> Bool)? = nil,
        onAnswer: (([SocketAddress]) -> Void)? = nil
    ) {
        self.onAnswer = onAnswer
        self.eventLoop = eventLoop
        self.threads = threads
        self.family = family
        self.known = known
        self.permits = permits
    }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        self.query(host, port).map { $0.filter { $0.protocol == .inet } }
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        self.query(host, port).map { $0.filter { $0.protocol == .inet6 } }
    }

    /// All addresses of `host`, as they come; for listeners.
    func addresses(of host: String, port: Int) async throws -> [SocketAddress] {
        try await self.eventLoop.flatSubmit { self.query(host, port) }.get()
    }

    /// The first address of a host, to be named to a proxy.
    ///
    /// - Throws: as `look(up:_:)`.
    func address(of host: HostAndPort, _ clock: OpeningClock) async throws -> HostAndPort {
        guard let first = try await self.look(up: host, clock).first, let address = first.ipAddress else {
            throw EndpointError.nameNotFound(host: host.host, reason: Self.noneOfTheFamily)
        }
        return HostAndPort(address, host.port)
    }

    /// All addresses of `host`, as they come. Queries of NIO for the same host then have their answer.
    ///
    /// - Throws: `EndpointError`, also when the resolver takes longer than `clock` gives it.
    @discardableResult
    func look(up host: HostAndPort, _ clock: OpeningClock) async throws -> [SocketAddress] {
        let answer = self.eventLoop.makePromise(of: [SocketAddress].self)
        let deadline = clock.begin(.name)
        let timeout = self.eventLoop.scheduleTask(in: TimeAmount(deadline.left)) {
            answer.fail(deadline.expired(in: .name))
        }
        defer { timeout.cancel() }
        self.eventLoop.flatSubmit { self.query(host.host, host.port) }.cascade(to: answer)
        do {
            return try await answer.futureResult.get()
        } catch let error as NotPermitted {
            throw EndpointError.notPermitted(host: host.host, addresses: error.addresses)
        } catch let error as Failure {
            throw EndpointError.nameNotFound(host: host.host, reason: error.reason)
        }
    }

    /// The name has some, but not the wanted ones.
    static let noneOfTheFamily = "no address of the wanted family"

    /// A query can't be cancelled; its answer is dropped.
    func cancelQueries() {}

    private func query(_ host: String, _ port: Int) -> EventLoopFuture<[SocketAddress]> {
        if let answer { return answer }
        let family =
            switch self.family {
            case .any: AF_UNSPEC
            case .ipv4: AF_INET
            case .ipv6: AF_INET6
            }
        let answer =
            if let known {
                self.eventLoop.makeCompletedFuture {
                    try Self.permitted(Self.socketAddresses(known, port, self.family), by: self.permits)
                }
            } else {
                self.threads.runIfActive(eventLoop: self.eventLoop) { [permits] in
                    try Self.permitted(try Self.lookUp(host, port, family), by: permits)
                }
            }
        self.answer = answer
        answer.assumeIsolated().whenSuccess { self.onAnswer?($0) }
        return answer
    }

    private static func socketAddresses(
        _ addresses: [IPAddress],
        _ port: Int,
        _ family: AddressFamily
    ) -> [SocketAddress] {
        addresses.filter { family == .any || $0.addressFamily == family }
            .map { $0.socketAddress(port: UInt16(truncatingIfNeeded: port)) }
    }

    private static func permitted(
        _ addresses: [SocketAddress],
        by permits: (@Sendable (IPAddress) -> Bool)?
    ) throws -> [SocketAddress] {
        guard let permits else { return addresses }
        let permitted = addresses.filter { IPAddress($0).map(permits) ?? false }
        guard !permitted.isEmpty else { throw NotPermitted(addresses: addresses.compactMap { IPAddress($0) }) }
        return permitted
    }

    private static func lookUp(_ host: String, _ port: Int, _ family: CInt) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = family
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else {
            let reason = status == EAI_SYSTEM ? strerror(errno) : UnsafeMutablePointer(mutating: gai_strerror(status))
            throw Failure(reason: reason.map { String(cString: $0) } ?? "resolver error \(status)")
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next {
            next = entry.pointee.ai_next
            guard let address = entry.pointee.ai_addr else { continue }
            switch entry.pointee.ai_family {
            case AF_INET:
                var ipv4 = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
                ipv4.sin_port = in_port_t(port).bigEndian
                addresses.append(SocketAddress(ipv4))
            case AF_INET6:
                var ipv6 = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
                ipv6.sin6_port = in_port_t(port).bigEndian
                addresses.append(SocketAddress(ipv6))
            default:
                continue
            }
        }
        return addresses
    }
}
