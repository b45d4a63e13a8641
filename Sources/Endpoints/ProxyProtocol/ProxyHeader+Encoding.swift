// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import NIOCore

extension ProxyHeader {
    /// The bytes to send before all others.
    public func encoded(_ version: Version) -> ByteBuffer {
        switch version {
        case .v1: ByteBuffer(string: self.line)
        case .v2: self.binary
        }
    }

    private var line: String {
        switch self {
        case .local, .unknown:
            return "PROXY UNKNOWN\r\n"
        case .addresses(let client, let server):
            guard let from = IPAddress(client), let to = IPAddress(server) else { return "PROXY UNKNOWN\r\n" }
            let isIPv4 = from.family == .ipv4 && to.family == .ipv4
            let hosts = isIPv4 ? "\(from) \(to)" : "\(from.asIPv6) \(to.asIPv6)"
            return "PROXY \(isIPv4 ? "TCP4" : "TCP6") \(hosts) \(client.port ?? 0) \(server.port ?? 0)\r\n"
        }
    }

    private var binary: ByteBuffer {
        var bytes = ByteBuffer(bytes: ProxyHeaderParser.signature2)
        switch self {
        case .local:
            bytes.writeMultipleIntegers(UInt8(0x20), UInt8(0x00), UInt16(0))
        case .unknown:
            bytes.writeMultipleIntegers(UInt8(0x21), UInt8(0x00), UInt16(0))
        case .addresses(let client, let server):
            guard let from = IPAddress(client), let to = IPAddress(server) else {
                bytes.writeMultipleIntegers(UInt8(0x21), UInt8(0x00), UInt16(0))
                return bytes
            }
            if from.family == .ipv4, to.family == .ipv4 {
                bytes.writeMultipleIntegers(UInt8(0x21), UInt8(0x11), UInt16(12))
                bytes.writeInteger(UInt32(truncatingIfNeeded: from.bits))
                bytes.writeInteger(UInt32(truncatingIfNeeded: to.bits))
            } else {
                bytes.writeMultipleIntegers(UInt8(0x21), UInt8(0x21), UInt16(36))
                bytes.writeInteger(from.ipv6Bits)
                bytes.writeInteger(to.ipv6Bits)
            }
            bytes.writeInteger(UInt16(truncatingIfNeeded: client.port ?? 0))
            bytes.writeInteger(UInt16(truncatingIfNeeded: server.port ?? 0))
        }
        return bytes
    }
}

extension IPAddress {
    /// As an IPv6 address, which an IPv4 one is mapped into (RFC 4291 §2.5.5.2).
    fileprivate var ipv6Bits: UInt128 {
        switch self.family {
        case .ipv4: 0xFFFF << 32 | self.bits
        case .ipv6: self.bits
        }
    }

    /// Both addresses of a line have one family.
    fileprivate var asIPv6: String {
        switch self.family {
        case .ipv4: "::ffff:\(self)"
        case .ipv6: "\(self)"
        }
    }
}
