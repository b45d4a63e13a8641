// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
public import NIOCore

/// An IPv4 or IPv6 address without port or zone.
///
/// An IPv4 address in IPv6's clothes (`::ffff:10.0.0.1`), as sockets for both families have them, is the IPv4 address:
/// a rule for the one would else not hold for the other.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// Which of the two it is.
    public enum Family: Hashable, Sendable {
        case ipv4
        case ipv6

        /// How many bits an address has.
        public var bitCount: Int {
            switch self {
            case .ipv4: 32
            case .ipv6: 128
            }
        }
    }

    /// Which of the two it is.
    public let family: Family
    /// The address as a number: of IPv4 the low 32 bits.
    let bits: UInt128

    /// Takes `10.0.0.1` and `fd00::1`, nothing else: no zone, no brackets, no shortened IPv4.
    public init?(_ text: some StringProtocol) {
        // A zero byte would end the text for inet_pton.
        guard text.utf8.count <= Self.longestText, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        var ipv4 = in_addr()
        var ipv6 = in6_addr()
        if inet_pton(AF_INET, String(text), &ipv4) == 1 {
            self.init(ipv4)
        } else if inet_pton(AF_INET6, String(text), &ipv6) == 1 {
            self.init(ipv6)
        } else {
            return nil
        }
    }

    /// - Returns: `nil` for a Unix socket's.
    public init?(_ address: SocketAddress) {
        switch address {
        case .v4(let address): self.init(address.address.sin_addr)
        case .v6(let address): self.init(address.address.sin6_addr)
        case .unixDomainSocket: return nil
        }
    }

    private init(_ address: in_addr) {
        self.family = .ipv4
        self.bits = UInt128(UInt32(bigEndian: address.s_addr))
    }

    private init(_ address: in6_addr) {
        self.init(ipv6: withUnsafeBytes(of: address) { $0.reduce(0) { $0 << 8 | UInt128($1) } })
    }

    init(ipv6 bits: UInt128) {
        let isMapped = bits >> 32 == 0xFFFF
        self.family = isMapped ? .ipv4 : .ipv6
        self.bits = isMapped ? bits & 0xFFFF_FFFF : bits
    }

    init(ipv4 bits: UInt32) {
        self.family = .ipv4
        self.bits = UInt128(bits)
    }

    /// What one host is known by, which may have any address of an IPv6 network of 64 bits: IPv4 as it is, IPv6 without
    /// its interface identifier (RFC 4291 §2.5.1).
    public var networkOfOneHost: IPAddress {
        switch self.family {
        case .ipv4: self
        case .ipv6: IPAddress(ipv6: (self.bits >> 64) << 64)
        }
    }

    /// With this port, to connect to or to log.
    func socketAddress(port: UInt16) -> SocketAddress {
        switch self.family {
        case .ipv4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: self.bits).bigEndian
            return SocketAddress(address)
        case .ipv6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin6_addr) { bytes in
                withUnsafeBytes(of: self.bits.bigEndian) { bytes.copyMemory(from: $0) }
            }
            return SocketAddress(address)
        }
    }

    /// In the form of RFC 5952, without brackets.
    public var description: String { self.socketAddress(port: 0).ipAddress ?? "?" }

    /// INET6_ADDRSTRLEN less its zero.
    private static let longestText = 45
}
