// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// Where connections go in place of where the address says, and from where.
public struct Routing: Sendable {
    /// Addresses of names, in place of the resolver's.
    public var resolve: [ResolveRule] = []
    /// Hosts in place of others; TLS and the Host header keep the name that was asked for.
    public var connectTo: [ConnectToRule] = []
    /// The interface, or the address of this machine, that connections come from.
    public var interface: String?
    /// The Unix socket that WebSockets are connected through; `@NAME` is abstract.
    public var unixSocket: String?

    /// As the addresses say.
    public init() {}

    /// The first rule that fits counts, as with curl.
    func destination(of host: HostAndPort) -> HostAndPort {
        for rule in self.connectTo {
            if let destination = rule.destination(of: host) { return destination }
        }
        return host
    }

    /// What is said of this name, if anything. Of several rules the last one counts, as with curl.
    func addresses(of host: HostAndPort) -> [IPAddress]? {
        let named = self.resolve.last { $0.names(host) }
        let rule = named ?? self.resolve.last { $0.isForAll(port: host.port) }
        return rule.flatMap { $0.addresses.isEmpty ? nil : $0.addresses }
    }

    /// The address that `interface` is, unless it is a name.
    var source: IPAddress? { self.interface.flatMap { IPAddress($0) } }
}

extension Routing {
    /// Has a channel's connection come from `interface`, if that is a name. Call on the channel's event loop.
    func bindToDevice(_ channel: any Channel) throws {
        guard let interface, self.source == nil else { return }
        let code = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            setsockopt($0, SOL_SOCKET, SO_BINDTODEVICE, interface, socklen_t(interface.utf8.count)) == 0 ? 0 : errno
        }
        guard let code, code != 0 else { return }
        let reason = IOError(errnoCode: code, reason: "SO_BINDTODEVICE").errnoDescription
        throw EndpointError.connectFailed(
            reason: "--interface \(interface.printable): \(reason) (use the name of an interface, or its address)"
        )
    }
}
