// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import Testing

@testable import Service

@Suite("Rules about what requests may choose")
struct AllowRuleTests {
    private static func permits(_ rule: String, _ address: String, _ port: Int) throws -> Bool {
        try AllowRule(rule).permits(try #require(IPAddress(address)), port: port)
    }

    @Test(arguments: [
        ("10.0.0.0/8:22,5432", "10.1.2.3", [22, 5432], [21, 23, 5431, 5433]),
        ("10.0.0.0/8:1000-1002", "10.0.0.0", [1000, 1001, 1002], [999, 1003]),
        ("192.0.2.7:*", "192.0.2.7", [1, 65535], [0, 65536]),
        ("[fd00::/8]:22", "fd12::1", [22], [23]), ("fd00::/8:22", "fd12::1", [22], [23]),
        ("[fd00::1]:22", "fd00::1", [22], [23]),
    ])
    func aRuleNamesAddressesAndPorts(rule: String, address: String, ports: [Int], others: [Int]) throws {
        for port in ports { #expect(try Self.permits(rule, address, port)) }
        for port in others { #expect(try !Self.permits(rule, address, port)) }
    }

    @Test(arguments: [("10.0.0.0/8:22", "11.0.0.0"), ("192.0.2.7:22", "192.0.2.8"), ("[fd00::/8]:22", "fe00::1")])
    func anotherAddressIsNotNamed(rule: String, address: String) throws {
        #expect(try !Self.permits(rule, address, 22))
    }

    @Test(arguments: [
        "127.0.0.1", "127.255.255.255", "0.0.0.0", "0.1.2.3", "169.254.169.254", "::ffff:127.0.0.1", "224.0.0.1",
        "255.255.255.255",
    ])
    func aRuleForAllOfIPv4NamesNoSpecialAddress(address: String) throws {
        #expect(try !Self.permits("0.0.0.0/0:*", address, 22))
        #expect(try !Self.permits("::/0:*", address, 22))
        #expect(try Self.permits("0.0.0.0/0:*", "198.51.100.1", 22))
    }

    @Test(arguments: [
        "::", "::1", "::127.0.0.1", "fe80::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "ff02::1",
    ])
    func aRuleForAllOfIPv6NamesNoSpecialAddress(address: String) throws {
        #expect(try !Self.permits("[::/0]:*", address, 22))
        #expect(try Self.permits("[::/0]:*", "2001:db8::1", 22))
    }

    @Test(arguments: [
        ("127.0.0.0/8:22", "127.0.0.1"), ("127.0.0.1:22", "127.0.0.1"), ("[::1]:22", "::1"),
        ("169.254.0.0/16:22", "169.254.1.1"),
        ("[fe80::/10]:22", "fe80::1"), ("127.0.0.1:22", "::ffff:127.0.0.1"), ("0.0.0.0:22", "0.0.0.0"),
    ])
    func aRuleForSpecialAddressesOnlyNamesThem(rule: String, address: String) throws {
        #expect(try Self.permits(rule, address, 22))
    }

    @Test
    func aFolderHoldsSocketsButNoFolders() throws {
        let rule = try AllowRule("unix:/run/s/")
        #expect(rule.permits(socket: "/run/s/a"))
        #expect(!rule.permits(socket: "/run/s/a/b"))
        #expect(!rule.permits(socket: "/run/sa"))
        #expect(!rule.permits(socket: "@a"))
        #expect(try !Self.permits("unix:/run/s/", "10.0.0.1", 22))
        #expect(try !AllowRule("10.0.0.0/8:22").permits(socket: "/run/s/a"))
    }

    @Test(arguments: [
        "", "10.0.0.0/8", "10.0.0.1", ":22", "10.0.0.0/8:", "10.0.0.0/8:0", "10.0.0.0/8:65536", "10.0.0.0/8:22,",
        "10.0.0.0/8:x",
        "10.0.0.0/8:23-22", "10.0.0.0/8:22-", "10.0.0.1/8:22", "::1:22", "[::1]", "[::1]22", "localhost:22", "*:22",
        "unix:",
        "unix:/run/s", "unix:run/", "10.0.0.0/8:+22", "10.0.0.0/8:1-2-3",
    ])
    func whatIsNoRuleIsRefused(text: String) {
        #expect(throws: ValueError.self) { try AllowRule(text) }
    }
}
