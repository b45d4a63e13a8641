// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Reads a PROXY header from the front of a connection, whichever version it is.
enum ProxyHeaderParser {
    enum Beginning: Equatable {
        /// These bytes may become one.
        case undecided
        case header
        case other
    }

    /// What `bytes`, the first of a connection, are the beginning of.
    static func recognise(_ bytes: ByteBufferView) -> Beginning {
        for signature in [Self.signature1, Self.signature2] where zip(bytes, signature).allSatisfy({ $0 == $1 }) {
            return bytes.count >= signature.count ? .header : .undecided
        }
        return .other
    }

    /// Removes one header from the front of `input`. What follows stays.
    ///
    /// - Returns: `nil` while it is incomplete; nothing is taken then.
    /// - Throws: as soon as the bytes can't become a header. Reading can't resume after that.
    static func next(in input: inout ByteBuffer) throws(ProxyHeaderError) -> ProxyHeader? {
        let bytes = input.readableBytesView
        switch Self.recognise(bytes) {
        case .undecided: return nil
        case .other: throw .missing
        case .header: break
        }
        if bytes.first == Self.signature1.first {
            guard let lineEnd = try Self.lineEnd(bytes) else { return nil }
            let header = try Self.version1(bytes.prefix(lineEnd))
            input.moveReaderIndex(forwardBy: lineEnd + 2)
            return header
        }
        guard let length = try Self.length2(bytes) else { return nil }
        guard var header = input.getSlice(at: input.readerIndex, length: Self.fixedLength2 + length) else { return nil }
        let result = try Self.version2(&header)
        input.moveReaderIndex(forwardBy: Self.fixedLength2 + length)
        return result
    }

    // MARK: Version 1

    /// How many bytes stand before the line's CR LF.
    private static func lineEnd(_ bytes: ByteBufferView) throws(ProxyHeaderError) -> Int? {
        let line = bytes.prefix(Self.longestLine)
        guard let end = line.firstIndex(where: { $0 < 0x20 || $0 > 0x7E }) else {
            if bytes.count >= Self.longestLine { throw .tooLong(limit: Self.longestLine) }
            return nil
        }
        guard line[end] == 0x0D else { throw .malformed("a character that is not printable ASCII") }
        let next = line.index(after: end)
        guard next < line.endIndex else {
            if bytes.count >= Self.longestLine { throw .tooLong(limit: Self.longestLine) }
            return nil
        }
        guard line[next] == 0x0A else { throw .malformed("a CR without LF") }
        return line.distance(from: line.startIndex, to: end)
    }

    private static func version1(_ line: ByteBufferView) throws(ProxyHeaderError) -> ProxyHeader {
        let fields = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count >= 2 else { throw .malformed("no protocol") }
        switch fields[1] {
        // What stands behind it is not for us.
        case "UNKNOWN": return .unknown
        case "TCP4", "TCP6": break
        default: throw .malformed("another protocol than TCP4, TCP6 and UNKNOWN")
        }
        guard fields.count == 6 else {
            throw .malformed("\(fields.count - 2) fields where two addresses and ports belong")
        }
        let isIPv6 = fields[1] == "TCP6"
        let client = try Self.address(fields[2], fields[4], isIPv6: isIPv6)
        return .addresses(client: client, server: try Self.address(fields[3], fields[5], isIPv6: isIPv6))
    }

    private static func address(
        _ host: Substring,
        _ port: Substring,
        isIPv6: Bool
    ) throws(ProxyHeaderError) -> SocketAddress {
        guard host.utf8.contains(UInt8(ascii: ":")) == isIPv6, let host = IPAddress(host) else {
            throw .malformed("something else than an address of its protocol")
        }
        guard port.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), port == "0" || !port.hasPrefix("0"), let port = UInt16(port)
        else {
            throw .malformed("something else than a port")
        }
        return host.socketAddress(port: port)
    }

    // MARK: Version 2

    /// How many bytes follow the fixed part.
    private static func length2(_ bytes: ByteBufferView) throws(ProxyHeaderError) -> Int? {
        let fixed = bytes.dropFirst(Self.signature2.count)
        if let first = fixed.first, first >> 4 != 2 { throw .malformed("another version than 1 and 2") }
        guard fixed.count >= 4 else { return nil }
        let length = fixed.dropFirst(2).prefix(2).reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.longest2 - Self.fixedLength2 else { throw .tooLong(limit: Self.longest2) }
        return length
    }

    private static func version2(_ header: inout ByteBuffer) throws(ProxyHeaderError) -> ProxyHeader {
        header.moveReaderIndex(forwardBy: Self.signature2.count)
        guard let command = header.readInteger(as: UInt8.self), let protocols = header.readInteger(as: UInt8.self),
            header.readInteger(as: UInt16.self) != nil
        else { throw .malformed("no command") }
        switch command & 0x0F {
        // Whatever it says about addresses is to be skipped.
        case 0: return .local
        case 1: break
        default: throw .malformed("another command than LOCAL and PROXY")
        }
        let result: ProxyHeader
        switch protocols {
        case 0x00:
            // Not even its length is known, so nothing behind it can be read.
            return .unknown
        case 0x11:
            let client = try Self.bits(&header, 4)
            let server = try Self.bits(&header, 4)
            let ports = (try Self.port(&header), try Self.port(&header))
            result = .addresses(
                client: IPAddress(ipv4: UInt32(truncatingIfNeeded: client)).socketAddress(port: ports.0),
                server: IPAddress(ipv4: UInt32(truncatingIfNeeded: server)).socketAddress(port: ports.1)
            )
        case 0x21:
            let client = try Self.bits(&header, 16)
            let server = try Self.bits(&header, 16)
            let ports = (try Self.port(&header), try Self.port(&header))
            result = .addresses(
                client: IPAddress(ipv6: client).socketAddress(port: ports.0),
                server: IPAddress(ipv6: server).socketAddress(port: ports.1)
            )
        case 0x31:
            guard header.readSlice(length: 216) != nil else { throw .malformed("too few bytes for its addresses") }
            result = .unknown
        default:
            throw .malformed("another protocol than TCP over IPv4, IPv6 and Unix sockets")
        }
        try Self.skipExtras(&header)
        return result
    }

    private static func bits(_ header: inout ByteBuffer, _ count: Int) throws(ProxyHeaderError) -> UInt128 {
        guard let bytes = header.readBytes(length: count) else { throw .malformed("too few bytes for its addresses") }
        return bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    private static func port(_ header: inout ByteBuffer) throws(ProxyHeaderError) -> UInt16 {
        guard let port = header.readInteger(as: UInt16.self) else { throw .malformed("too few bytes for its ports") }
        return port
    }

    /// TLVs: a type, two bytes of length, a value.
    private static func skipExtras(_ header: inout ByteBuffer) throws(ProxyHeaderError) {
        while header.readableBytes > 0 {
            guard header.readInteger(as: UInt8.self) != nil, let length = header.readInteger(as: UInt16.self),
                header.readSlice(length: Int(length)) != nil
            else { throw .malformed("an extra field that is longer than it") }
        }
    }

    static let signature1 = Array("PROXY ".utf8)
    static let signature2: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    /// With CR LF; the protocol's own limit.
    private static let longestLine = 107
    static let fixedLength2 = 16
    /// Ours: room for addresses and every extra field that proxies send, certificates' names among them.
    static let longest2 = 4096
}
