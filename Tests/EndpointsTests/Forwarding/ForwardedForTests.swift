// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing
import WebSocketCore

@testable import Endpoints

@Suite("X-Forwarded-For and Forwarded")
struct ForwardedForTests {
    private static let proxy = "10.0.0.1"

    private static func source(
        _ connection: String?,
        _ fields: [(String, String)],
        _ field: ForwardedFor.Field = .xForwardedFor,
        trusted: [String] = ["10.0.0.0/8", "fd00::/8", "unix"]
    ) throws -> String? {
        let forwarded = ForwardedFor(trusted: try TrustedSources(trusted), field: field)
        let address = try connection.map { try SocketAddress(ipAddress: $0, port: 9) }
        return forwarded.source(of: address, HeaderFields(fields))?.numericDescription
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1:0"), ("192.0.2.1:80", "192.0.2.1:80"), ("2001:db8::1", "[2001:db8::1]:0"),
        ("[2001:db8::1]", "[2001:db8::1]:0"), ("[2001:db8::1]:80", "[2001:db8::1]:80"), (" 192.0.2.1\t", "192.0.2.1:0"),
        ("6.6.6.6, 192.0.2.1", "192.0.2.1:0"), ("192.0.2.1,10.0.0.2", "192.0.2.1:0"),
        ("192.0.2.1, fd00::1, 10.0.0.2", "192.0.2.1:0"), ("10.0.0.3, 10.0.0.2", "10.0.0.3:0"),
        ("6.6.6.6, 192.0.2.1, 10.0.0.2", "192.0.2.1:0"), ("::ffff:192.0.2.1", "192.0.2.1:0"),
    ])
    func theLastThatIsNoProxyOfOursIsTheClient(value: String, source: String) throws {
        #expect(try Self.source(Self.proxy, [("X-Forwarded-For", value)]) == source)
        #expect(try Self.source(nil, [("X-Forwarded-For", value)]) == source)
    }

    @Test(arguments: [
        "", "unknown", "_hidden", "localhost", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:65536", "192.0.2.1:+1",
        "[192.0.2.1]",
        "2001:db8::1:80000", "[2001:db8::1", "[2001:db8::1]x", "192.0.2.1,", "192.0.2.1 6.6.6.6", "192.0.2.1%0a", "[]",
        ":", "]",
    ])
    func whatIsNoAddressLeavesTheProxy(value: String) throws {
        #expect(try Self.source(Self.proxy, [("X-Forwarded-For", value)]) == "10.0.0.1:9")
    }

    @Test
    func aClientThatIsNotTrustedSaysNothing() throws {
        #expect(try Self.source("192.0.2.9", [("X-Forwarded-For", "6.6.6.6")]) == "192.0.2.9:9")
        #expect(try Self.source(Self.proxy, [("X-Forwarded-For", "6.6.6.6")], trusted: []) == "10.0.0.1:9")
        #expect(try Self.source(nil, [("X-Forwarded-For", "6.6.6.6")], trusted: ["10.0.0.0/8"]) == nil)
    }

    @Test
    func severalFieldsAreOneList() throws {
        let fields = [("X-Forwarded-For", "6.6.6.6"), ("x-forwarded-for", "192.0.2.1, 10.0.0.2")]
        #expect(try Self.source(Self.proxy, fields) == "192.0.2.1:0")
    }

    @Test
    func theOtherFieldIsNotRead() throws {
        let both = [("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "for=192.0.2.2"), ("X-Real-IP", "192.0.2.3")]
        #expect(try Self.source(Self.proxy, both) == "192.0.2.1:0")
        #expect(try Self.source(Self.proxy, both, .forwarded) == "192.0.2.2:0")
        #expect(try Self.source(Self.proxy, []) == "10.0.0.1:9")
    }

    @Test(arguments: [
        ("for=192.0.2.1", "192.0.2.1:0"), ("For=\"192.0.2.1:80\";proto=https", "192.0.2.1:80"),
        ("proto=http; FOR = x;for=192.0.2.1", "192.0.2.1:0"),
        ("by=10.0.0.1;for=\"[2001:db8::1]:80\"", "[2001:db8::1]:80"),
        ("for=6.6.6.6, for=192.0.2.1, for=10.0.0.2", "192.0.2.1:0"),
        ("host=\",for=6.6.6.6\";for=192.0.2.1", "192.0.2.1:0"),
        ("host=\"\\\",for=6.6.6.6\";for=192.0.2.1", "192.0.2.1:0"),
        ("for=unknown", "10.0.0.1:9"), ("for=_hidden", "10.0.0.1:9"), ("proto=https", "10.0.0.1:9"), ("", "10.0.0.1:9"),
        ("for=6.6.6.6, proto=https", "10.0.0.1:9"), ("for=\"192.0.2.1", "10.0.0.1:9"), ("forx=192.0.2.1", "10.0.0.1:9"),
    ])
    func forwardedIsReadAsRFC7239HasIt(value: String, source: String) throws {
        #expect(try Self.source(Self.proxy, [("Forwarded", value)], .forwarded) == source)
    }
}
