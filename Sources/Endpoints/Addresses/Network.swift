// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// A range of addresses in CIDR notation (RFC 4632): `10.0.0.0/8`, `fd00::/8`, `192.0.2.7`.
///
/// `0.0.0.0/0` is all of IPv4 and `::/0` all of IPv6; neither holds the other. IPv4 addresses that are mapped into
/// IPv6 are IPv4 addresses, in networks as in what is looked up (``IPAddress``).
public struct Network: Hashable, Sendable, CustomStringConvertible {
    private let family: IPAddress.Family
    private let bits: UInt128
    private let prefix: Int

    /// Takes an address, or an address, a slash and the length of the prefix.
    ///
    /// - Throws: `AddressError`, also when bits behind the prefix are set: it is not clear then what was meant.
    public init(_ text: String) throws(AddressError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else {
            throw AddressError(address: text, problem: "not a network", expected: Self.forms)
        }
        // What is written as IPv6 counts its prefix by IPv6's bits.
        let written: IPAddress.Family = first.utf8.contains(UInt8(ascii: ":")) ? .ipv6 : .ipv4
        var prefix = written.bitCount
        if parts.count == 2 {
            let digits = parts[1].utf8
            guard digits.count <= 3, digits.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int(parts[1]),
                number <= written.bitCount
            else {
                let expected = "a prefix has 0 to \(written.bitCount) bits here"
                throw AddressError(address: text, problem: "no such prefix", expected: expected)
            }
            prefix = number
        }
        let isMapped = address.family != written
        guard !isMapped || prefix >= Self.mappedPrefix else {
            let problem = "a prefix that is wider than the range of mapped IPv4 addresses"
            throw AddressError(address: text, problem: problem, expected: "write the IPv4 network, such as 10.0.0.0/8")
        }
        self.family = address.family
        self.prefix = isMapped ? prefix - Self.mappedPrefix : prefix
        self.bits = address.bits
        let mask = self.mask
        guard self.bits & mask == self.bits else {
            let base = Network(family: self.family, bits: self.bits & mask, prefix: self.prefix)
            let expected = "use \(base), or \(address) alone for one address"
            throw AddressError(address: text, problem: "bits behind the prefix are set", expected: expected)
        }
    }

    private init(family: IPAddress.Family, bits: UInt128, prefix: Int) {
        self.family = family
        self.bits = bits
        self.prefix = prefix
    }

    /// Whether `address` is in this range.
    public func contains(_ address: IPAddress) -> Bool {
        address.family == self.family && address.bits & self.mask == self.bits
    }

    /// Whether the host of `address` is in this range; a Unix socket is in none.
    public func contains(_ address: SocketAddress) -> Bool {
        IPAddress(address).map { self.contains($0) } ?? false
    }

    /// Whether all of `other` is in this range.
    public func contains(_ other: Network) -> Bool {
        other.family == self.family && other.prefix >= self.prefix && other.bits & self.mask == self.bits
    }

    private var mask: UInt128 {
        // Shifts that are too wide yield zero.
        let ones = ~UInt128(0) >> (UInt128.bitWidth - self.family.bitCount)
        return ones & (~0 << (self.family.bitCount - self.prefix))
    }

    /// `10.0.0.0/8`; the prefix is left out where it is one address.
    public var description: String {
        let address: IPAddress =
            switch self.family {
            case .ipv4: IPAddress(ipv4: UInt32(truncatingIfNeeded: self.bits))
            case .ipv6: IPAddress(ipv6: self.bits)
            }
        return self.prefix == self.family.bitCount ? "\(address)" : "\(address)/\(self.prefix)"
    }

    private static let forms = "use 10.0.0.0/8, fd00::/8 or one address"
    /// Of `::ffff:0:0/96` (RFC 4291 §2.5.5.2).
    private static let mappedPrefix = 96
}

extension Sequence<Network> {
    /// Whether one of them holds `address`.
    public func contain(_ address: IPAddress) -> Bool { self.contains { $0.contains(address) } }
}
