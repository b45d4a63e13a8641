// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Endpoints

@Suite("Networks")
struct NetworkTests {
    @Test(arguments: [
        ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0"]),
        ("192.0.2.128/25", ["192.0.2.128", "192.0.2.255"], ["192.0.2.127", "192.0.3.128"]),
        ("192.0.2.7", ["192.0.2.7"], ["192.0.2.6", "192.0.2.8"]),
        ("192.0.2.6/31", ["192.0.2.6", "192.0.2.7"], ["192.0.2.5", "192.0.2.8"]),
        ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"], ["::", "::1"]),
        ("128.0.0.0/1", ["128.0.0.0", "255.0.0.0"], ["127.255.255.255"]),
        ("::1", ["::1"], ["::", "::2", "0.0.0.1"]),
        ("fd00::/8", ["fd00::", "fdff:ffff::1"], ["fc00::", "fe00::"]),
        ("2001:db8::/33", ["2001:db8::1", "2001:db8:7fff::"], ["2001:db8:8000::"]),
        ("2001:db8::/64", ["2001:db8::ffff:ffff:ffff:ffff"], ["2001:db8:0:1::"]),
        ("2001:db8::/65", ["2001:db8::7fff:0:0:0"], ["2001:db8::8000:0:0:0"]),
        ("::/0", ["::", "ffff::"], ["10.0.0.1", "::ffff:10.0.0.1"]),
        ("::ffff:10.0.0.0/104", ["10.1.2.3", "::ffff:10.1.2.3"], ["11.0.0.0", "::10.1.2.3"]),
        ("::ffff:0:0/96", ["0.0.0.0", "255.255.255.255"], ["::"]),
    ])
    func aNetworkEndsWhereItsPrefixSays(network: String, inside: [String], outside: [String]) throws {
        let network = try Network(network)
        for text in inside {
            #expect(network.contains(try SocketAddress(ipAddress: text, port: 1)))
            #expect(network.contains(try #require(IPAddress(text))))
        }
        for text in outside {
            #expect(!network.contains(try SocketAddress(ipAddress: text, port: 1)))
            #expect(!network.contains(try #require(IPAddress(text))))
        }
    }

    @Test(arguments: ["0.0.0.0/0", "::/0"])
    func aUnixSocketIsInNone(network: String) throws {
        #expect(!(try Network(network).contains(try SocketAddress(unixDomainSocketPath: "/s"))))
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8",
        "10.0.0.0/8/8",
        "10.0.0/8", "10/8", "0x0a.0.0.0", "010.0.0.1", "localhost", "[::1]", "fe80::1%eth0", "fe80::1%1/64", " ::1",
        "::1 ",
        "10.0.0.0\u{0}/8", "10.0.0.0/8\u{0}", "10.0.0.0/00000008", "10.0.0.0/٨", "1:2:3:4:5:6:7:8:9", "*",
    ])
    func whatIsNoNetworkIsRefused(text: String) {
        #expect(throws: AddressError.self) { try Network(text) }
    }

    @Test(arguments: [("10.0.0.1/8", "10.0.0.0/8"), ("fd00::1/64", "fd00::/64"), ("255.255.255.255/0", "0.0.0.0/0")])
    func bitsBehindThePrefixAreRefusedWithTheNetworkThatMayBeMeant(text: String, meant: String) {
        let error = #expect(throws: AddressError.self) { try Network(text) }
        #expect(error?.expected.contains("use \(meant),") == true)
    }

    @Test
    func aMappedPrefixHasToBeIPv4s() {
        #expect(throws: AddressError.self) { try Network("::ffff:0:0/95") }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0/8"), ("10.0.0.1/32", "10.0.0.1"), ("FD00:0::/8", "fd00::/8"), ("::1/128", "::1"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("::/0", "::/0"),
    ])
    func itIsShownInItsShortestForm(text: String, shown: String) throws {
        #expect("\(try Network(text))" == shown)
    }

    @Test
    func anAddressKeepsAllBitsOnItsWayThroughASocketAddress() throws {
        for text in ["1.2.3.4", "255.254.253.252", "2001:db8:1:2:3:4:5:6", "fe80::ff"] {
            let address = try #require(IPAddress(text))
            #expect("\(address)" == text)
            #expect(IPAddress(address.socketAddress(port: 80)) == address)
            #expect(address.socketAddress(port: 80).port == 80)
        }
    }

    @Test
    func aMappedAddressIsTheIPv4AddressInIt() {
        #expect(IPAddress("::ffff:10.0.0.1") == IPAddress("10.0.0.1"))
        #expect(IPAddress("::10.0.0.1") != IPAddress("10.0.0.1"))
    }

    @Test
    func severalNetworksHoldWhatOneOfThemHolds() throws {
        let networks = [try Network("10.0.0.0/8"), try Network("::1")]
        #expect(networks.contain(try #require(IPAddress("10.1.1.1"))))
        #expect(networks.contain(try #require(IPAddress("::1"))))
        #expect(!networks.contain(try #require(IPAddress("::2"))))
        #expect(![Network]().contain(try #require(IPAddress("::2"))))
    }
}
