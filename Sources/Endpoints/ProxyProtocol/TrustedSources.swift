// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Whose word about where a connection comes from is taken: networks, and Unix sockets when `unix` is named.
public struct TrustedSources: Hashable, Sendable {
    private var networks: [Network] = []
    private var includesUnixSockets = false

    /// Nobody.
    public init() {}

    /// - Parameter names: networks, and `unix`.
    /// - Throws: naming the one that is wrong.
    public init(_ names: some Sequence<String>) throws(AddressError) {
        for name in names {
            if name == "unix" {
                self.includesUnixSockets = true
            } else {
                self.networks.append(try Network(name))
            }
        }
    }

    /// Trusts those of `other`, too.
    public mutating func formUnion(_ other: TrustedSources) {
        self.networks += other.networks
        if other.includesUnixSockets { self.includesUnixSockets = true }
    }

    /// Nobody is trusted.
    public var isEmpty: Bool { self.networks.isEmpty && !self.includesUnixSockets }

    /// - Parameter address: a connection's other end; over a Unix socket often nothing.
    public func contain(_ address: SocketAddress?) -> Bool {
        guard let address, let host = IPAddress(address) else { return self.includesUnixSockets }
        return self.contain(host)
    }

    /// Whether the host is trusted.
    public func contain(_ host: IPAddress) -> Bool { self.networks.contain(host) }
}
