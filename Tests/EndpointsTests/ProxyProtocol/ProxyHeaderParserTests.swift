// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Endpoints

@Suite("PROXY protocol headers")
struct ProxyHeaderParserTests {
    private static func addresses(_ client: String, _ server: String, _ ports: (Int, Int)) throws -> ProxyHeader {
        .addresses(
            client: try SocketAddress(ipAddress: client, port: ports.0),
            server: try SocketAddress(ipAddress: server, port: ports.1)
        )
    }

    private static func parse(_ bytes: some Sequence<UInt8>) throws(ProxyHeaderError) -> ProxyHeader? {
        var buffer = ByteBuffer(bytes: bytes)
        return try ProxyHeaderParser.next(in: &buffer)
    }

    private static func binary(
        command: UInt8 = 0x21,
        protocols: UInt8,
        _ body: [UInt8],
        length: Int? = nil
    ) -> [UInt8] {
        let length = length ?? body.count
        return ProxyHeaderParser.signature2 + [command, protocols, UInt8(length >> 8), UInt8(length & 0xFF)] + body
    }

    private static let ipv4Body: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 2, 0x30, 0x39, 0x01, 0xBB]

    // MARK: Version 1

    @Test
    func aLineNamesBothEnds() throws {
        let line = "PROXY TCP4 192.0.2.1 198.51.100.2 12345 443\r\n"
        #expect(try Self.parse(line.utf8) == Self.addresses("192.0.2.1", "198.51.100.2", (12345, 443)))
        let line6 = "PROXY TCP6 2001:db8::1 2001:db8::2 0 65535\r\n"
        #expect(try Self.parse(line6.utf8) == Self.addresses("2001:db8::1", "2001:db8::2", (0, 65535)))
    }

    @Test(arguments: ["PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"])
    func anUnknownLineHasNoAddresses(line: String) throws {
        #expect(try Self.parse(line.utf8) == .unknown)
    }

    @Test(arguments: [
        "PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n", "PROXY TCP4  192.0.2.1 198.51.100.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 1 2 \r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 01 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 1 65536\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 -1 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 +1 2\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 1\t2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 1 2\n", "PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r\r\n",
        "PROXY TCP4 ::1 ::2 1 2\r\n", "PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n", "PROXY TCP4 192.0.2 1.1.1.1 1 2\r\n",
        "PROXY UDP4 192.0.2.1 198.51.100.2 1 2\r\n", "PROXY tcp4 192.0.2.1 198.51.100.2 1 2\r\n",
        "proxy TCP4 192.0.2.1 198.51.100.2 1 2\r\n", "GET / HTTP/1.1\r\n", "PROXYTCP4", "\u{0}", "PROXY UNKNOWN é\r\n",
    ])
    func aLineThatIsNotExactIsRefused(line: String) {
        #expect(throws: ProxyHeaderError.self) { try Self.parse(line.utf8) }
    }

    @Test
    func aLineHasAtMost107Bytes() throws {
        let start = Array("PROXY UNKNOWN ".utf8)
        let longest = start + Array(repeating: 0x78, count: 107 - 2 - start.count)
        #expect(try Self.parse(longest + [0x0D, 0x0A]) == .unknown)
        #expect(try Self.parse(longest + [0x78]) == nil)
        for end in [[0x78, 0x0D, 0x0A], [0x78, 0x78], [0x78, 0x0D]] as [[UInt8]] {
            #expect(throws: ProxyHeaderError.tooLong(limit: 107)) { try Self.parse(longest + end) }
        }
    }

    // MARK: Version 2

    @Test
    func binaryNamesBothEnds() throws {
        let ipv4 = Self.binary(protocols: 0x11, Self.ipv4Body)
        #expect(try Self.parse(ipv4) == Self.addresses("192.0.2.1", "198.51.100.2", (12345, 443)))
        let client: [UInt8] = [0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [1]
        let server: [UInt8] = [0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [2]
        let ipv6 = Self.binary(protocols: 0x21, client + server + [0, 1, 0, 2])
        #expect(try Self.parse(ipv6) == Self.addresses("2001:db8::1", "2001:db8::2", (1, 2)))
    }

    @Test
    func localUnknownAndUnixHaveNoAddresses() throws {
        #expect(try Self.parse(Self.binary(command: 0x20, protocols: 0x00, [])) == .local)
        #expect(try Self.parse(Self.binary(command: 0x20, protocols: 0x11, Self.ipv4Body)) == .local)
        #expect(try Self.parse(Self.binary(command: 0x20, protocols: 0xFF, [1])) == .local)
        #expect(try Self.parse(Self.binary(protocols: 0x00, [])) == .unknown)
        #expect(try Self.parse(Self.binary(protocols: 0x00, [1, 2, 3])) == .unknown)
        #expect(try Self.parse(Self.binary(protocols: 0x31, Array(repeating: 0x2F, count: 216))) == .unknown)
    }

    @Test
    func extraFieldsAreSkipped() throws {
        let extras: [UInt8] = [0x02, 0, 3, 1, 2, 3, 0x04, 0, 0]
        let header = Self.binary(protocols: 0x11, Self.ipv4Body + extras)
        #expect(try Self.parse(header)?.client?.port == 12345)
        for cut in 1..<extras.count where cut != 6 {
            let cutHeader = Self.binary(protocols: 0x11, Self.ipv4Body + extras.prefix(cut))
            #expect(throws: ProxyHeaderError.self) { try Self.parse(cutHeader) }
        }
    }

    @Test(arguments: [0x11, 0x21, 0x31] as [UInt8])
    func aLengthTooShortForTheAddressesIsRefused(protocols: UInt8) {
        let needed = protocols == 0x11 ? 12 : protocols == 0x21 ? 36 : 216
        for count in 0..<needed {
            let header = Self.binary(protocols: protocols, Array(repeating: 1, count: count))
            #expect(throws: ProxyHeaderError.self) { try Self.parse(header) }
        }
        #expect(throws: Never.self) {
            try Self.parse(Self.binary(protocols: protocols, Array(repeating: 1, count: needed)))
        }
    }

    @Test
    func otherVersionsCommandsAndProtocolsAreRefused() {
        for first in UInt8.min...UInt8.max where first != 0x20 && first != 0x21 {
            let header = Self.binary(command: first, protocols: 0x11, Self.ipv4Body)
            #expect(throws: ProxyHeaderError.self) { try Self.parse(header) }
        }
        for protocols in UInt8.min...UInt8.max where ![0x00, 0x11, 0x21, 0x31].contains(protocols) {
            let header = Self.binary(protocols: protocols, Array(repeating: 0, count: 216))
            #expect(throws: ProxyHeaderError.self) { try Self.parse(header) }
        }
    }

    @Test
    func aHeaderOfOver4096BytesIsRefusedBeforeItIsThere() throws {
        #expect(try Self.parse(Self.binary(protocols: 0x00, Array(repeating: 0, count: 4080))) == .unknown)
        let tooLong = Self.binary(protocols: 0x00, [], length: 4081)
        #expect(throws: ProxyHeaderError.tooLong(limit: 4096)) { try Self.parse(tooLong) }
    }

    // MARK: Both

    private static let complete: [[UInt8]] = [
        Array("PROXY TCP4 192.0.2.1 198.51.100.2 12345 443\r\n".utf8), Array("PROXY UNKNOWN\r\n".utf8),
        Self.binary(protocols: 0x11, Self.ipv4Body + [0x02, 0, 1, 7]), Self.binary(command: 0x20, protocols: 0, []),
    ]

    @Test
    func anIncompleteHeaderIsWaitedForAndWhatFollowsStays() throws {
        for header in Self.complete {
            for count in 0..<header.count {
                var buffer = ByteBuffer(bytes: header.prefix(count))
                #expect(try ProxyHeaderParser.next(in: &buffer) == nil)
                #expect(buffer.readableBytes == count)
            }
            var buffer = ByteBuffer(bytes: header + Array("GET /".utf8))
            #expect(try ProxyHeaderParser.next(in: &buffer) != nil)
            #expect(String(buffer: buffer) == "GET /")
        }
    }

    @Test
    func aWrongByteAnywhereInTheSignatureIsNoHeader() {
        for signature in [ProxyHeaderParser.signature1, ProxyHeaderParser.signature2] {
            for index in signature.indices {
                var bytes = signature
                bytes[index] ^= 0x20
                #expect(throws: ProxyHeaderError.missing) { try Self.parse(bytes) }
                #expect(throws: ProxyHeaderError.missing) { try Self.parse(bytes.prefix(index + 1)) }
            }
        }
    }

    @Test
    func anyBytesBehindASignatureNeverTrap() {
        var random = SeededGenerator(seed: 6)
        for _ in 0..<4000 {
            let signature = Bool.random(using: &random) ? ProxyHeaderParser.signature1 : ProxyHeaderParser.signature2
            var bytes = signature
            for _ in 0..<Int.random(in: 0...300, using: &random) { bytes.append(.random(in: 0...255, using: &random)) }
            if bytes.count > 15, signature.count == 12 {
                bytes[12] = 0x21
                bytes[14] = 0
            }
            _ = try? Self.parse(bytes)
        }
    }

    @Test(arguments: ProxyHeader.Version.allCases)
    func whatIsWrittenIsReadBack(version: ProxyHeader.Version) throws {
        let headers = [
            try Self.addresses("192.0.2.1", "198.51.100.2", (12345, 443)),
            try Self.addresses("2001:db8::1", "2001:db8::2", (1, 65535)),
            try Self.addresses("2001:db8::1", "198.51.100.2", (1, 2)), .unknown,
        ]
        for header in headers {
            var buffer = header.encoded(version)
            #expect(try ProxyHeaderParser.next(in: &buffer) == header)
            #expect(buffer.readableBytes == 0)
        }
        var local = ProxyHeader.local.encoded(version)
        #expect(try ProxyHeaderParser.next(in: &local) == (version == .v1 ? .unknown : .local))
    }

    @Test
    func aUnixSocketsAddressIsUnknown() throws {
        let unix = try SocketAddress(unixDomainSocketPath: "/s")
        let tcp = try SocketAddress(ipAddress: "192.0.2.1", port: 1)
        #expect(ProxyHeader(client: unix, server: tcp) == .unknown)
        #expect(ProxyHeader(client: nil, server: tcp) == .unknown)
        #expect(ProxyHeader.addresses(client: unix, server: tcp).encoded(.v1) == ProxyHeader.unknown.encoded(.v1))
        #expect(ProxyHeader.addresses(client: unix, server: tcp).encoded(.v2) == ProxyHeader.unknown.encoded(.v2))
    }
}
