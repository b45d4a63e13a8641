// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Where connections go, as curl has it")
struct RoutingTests {
    private static func resolve(_ rules: [String], _ host: String, _ port: Int) throws -> [String]? {
        var routing = Routing()
        routing.resolve = try rules.map { try ResolveRule($0) }
        return routing.addresses(of: HostAndPort(host, port))?.map(\.description)
    }

    @Test(
        arguments: [
            (["h:80:127.0.0.1"], "h", 80, ["127.0.0.1"]), (["h:80:127.0.0.1"], "H", 80, ["127.0.0.1"]),
            (["H:80:127.0.0.1"], "h", 80, ["127.0.0.1"]), (["h:80:127.0.0.1"], "h", 81, nil),
            (["h:80:127.0.0.1"], "x", 80, nil), (["+h:80:127.0.0.1"], "h", 80, ["127.0.0.1"]),
            (["h:80:127.0.0.1,[::1],::2"], "h", 80, ["127.0.0.1", "::1", "::2"]),
            (["[::5]:80:10.0.0.1"], "::5", 80, ["10.0.0.1"]), (["*:80:10.0.0.1"], "any", 80, ["10.0.0.1"]),
            (["*:80:10.0.0.1"], "any", 81, nil), (["h:80:10.0.0.1", "*:80:10.0.0.2"], "h", 80, ["10.0.0.1"]),
            (["h:80:10.0.0.1", "h:80:10.0.0.2"], "h", 80, ["10.0.0.2"]), ([], "h", 80, nil),
            (["h:80:10.0.0.1", "-h:80"], "h", 80, nil), (["h:80:10.0.0.1", "-h:81"], "h", 80, ["10.0.0.1"]),
            (["-h:80", "h:80:10.0.0.1"], "h", 80, ["10.0.0.1"]),
        ] as [([String], String, Int, [String]?)]
    )
    func addressesOfNames(rules: [String], host: String, port: Int, addresses: [String]?) throws {
        #expect(try Self.resolve(rules, host, port) == addresses)
    }

    @Test(arguments: [
        "", "h", "h:80", "h:80:", ":80:10.0.0.1", "h::10.0.0.1", "h:0:10.0.0.1", "h:65536:10.0.0.1", "h:x:10.0.0.1",
        "h:80:name", "h:80:10.0.0.1,", "h:80:10.0.0.1,x", "-h:80:", "-h:80:10.0.0.1", "-h", "-:80", "h:+80:10.0.0.1",
        "[::1:80:10.0.0.1", "[", "[]::1",
    ])
    func noSuchResolveRule(text: String) {
        #expect(throws: AddressError.self) { try ResolveRule(text) }
    }

    private static func destination(_ rules: [String], _ host: String, _ port: Int) throws -> String {
        var routing = Routing()
        routing.connectTo = try rules.map { try ConnectToRule($0) }
        return "\(routing.destination(of: HostAndPort(host, port)))"
    }

    @Test(arguments: [
        (["h:80:x"], "h", 80, "x:80"), (["h:80:[::1]"], "h", 80, "[::1]:80"),
        (["h:80:x:81"], "h", 80, "x:81"), (["H:80:x:81"], "h", 80, "x:81"), (["h:80:x:81"], "h", 82, "h:82"),
        (["h:80:x:81"], "y", 80, "y:80"), (["::x:81"], "any", 9, "x:81"), (["h::x:"], "h", 9, "x:9"),
        ([":80::81"], "h", 80, "h:81"), ([":::"], "h", 80, "h:80"), (["[::1]:80:[::2]:81"], "::1", 80, "[::2]:81"),
        (["h:80:x:81", "h:80:y:82"], "h", 80, "x:81"), (["y:80:x:81", "::z:1"], "h", 80, "z:1"), ([], "h", 80, "h:80"),
    ])
    func destinations(rules: [String], host: String, port: Int, destination: String) throws {
        #expect(try Self.destination(rules, host, port) == destination)
    }

    @Test(arguments: [
        "", "h", "h:80", "h:80:x:0", "h:x:x:80", "h:80:x:65536", "h:80:x:y:1",
        "[::1", "[::1]:80",
    ])
    func noSuchConnectToRule(text: String) {
        #expect(throws: AddressError.self) { try ConnectToRule(text) }
    }

    @Test(arguments: [("10.0.0.1", true), ("::1", true), ("eth0", false), ("localhost", false)])
    func interfacesAreAddressesOrNames(text: String, isAddress: Bool) {
        var routing = Routing()
        routing.interface = text
        #expect((routing.source != nil) == isAddress)
    }
}
