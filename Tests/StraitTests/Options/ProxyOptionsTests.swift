// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints
@testable import strait

@Suite("Options and environment of proxies")
struct ProxyOptionsTests {
    private static func settings(_ arguments: [String] = [], _ environment: [String: String] = [:]) throws
        -> ProxySettings
    {
        try ProxyOptions.parse(arguments).settings { environment[$0] }
    }

    private static func proxy(_ settings: ProxySettings, for address: String) throws -> String? {
        guard case .webSocket(let url) = try Address(address) else { return nil }
        return try settings.proxy(for: url).map { "\($0)" }
    }

    /// Each comes before those behind it.
    @Test func variablesForPlainInCurlsOrder() throws {
        let names = ["ws_proxy", "WS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"]
        var environment = Dictionary(uniqueKeysWithValues: names.map { ($0, $0.replacing("_", with: "-")) })
        environment["HTTP_PROXY"] = "never"
        environment["https_proxy"] = "never"
        for name in names {
            let settings = try Self.settings([], environment)
            let expected = "http://\(name.replacing("_", with: "-")):1080"
            #expect(try Self.proxy(settings, for: "ws://h/") == expected)
            environment[name] = ""
        }
        #expect(try Self.proxy(Self.settings([], environment), for: "ws://h/") == nil)
    }

    @Test func variablesForSecureInCurlsOrder() throws {
        let names = ["wss_proxy", "WSS_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        var environment = Dictionary(uniqueKeysWithValues: names.map { ($0, $0.replacing("_", with: "-")) })
        environment["http_proxy"] = "never"
        for name in names {
            let settings = try Self.settings([], environment)
            let expected = "http://\(name.replacing("_", with: "-")):1080"
            #expect(try Self.proxy(settings, for: "wss://h/") == expected)
            environment[name] = nil
        }
        #expect(try Self.proxy(Self.settings([], environment), for: "wss://h/") == nil)
    }

    @Test func anOptionTakesThePlaceOfTheEnvironment() throws {
        let environment = ["all_proxy": "of-all:1"]
        #expect(try Self.proxy(Self.settings(["-x", "given:2"], environment), for: "ws://h/") == "http://given:2")
        #expect(try Self.proxy(Self.settings(["--proxy", ""], environment), for: "ws://h/") == nil)
    }

    @Test func onlyTheOptionIsForByteStreams() throws {
        let host = HostAndPort("h", 22)
        #expect(try Self.settings([], ["all_proxy": "of-all:1"]).proxy(for: host) == nil)
        #expect(try Self.settings(["-x", "given:2"]).proxy(for: host)?.hostAndPort == HostAndPort("given", 2))
        #expect(try Self.settings(["-x", "given:2", "--noproxy", "h"]).proxy(for: host) == nil)
    }

    @Test func exceptionsOfTheEnvironmentHoldForTheOption() throws {
        let environment = ["no_proxy": "h", "NO_PROXY": "other", "all_proxy": "p"]
        #expect(try Self.proxy(Self.settings([], environment), for: "ws://h/") == nil)
        #expect(try Self.proxy(Self.settings(["-x", "p"], environment), for: "ws://h/") == nil)
        #expect(try Self.proxy(Self.settings([], environment), for: "ws://other/") != nil)
        #expect(try Self.proxy(Self.settings(["--noproxy", ""], environment), for: "ws://h/") != nil)
        #expect(try Self.proxy(Self.settings(["--noproxy", "other"], environment), for: "ws://other/") == nil)
    }

    @Test func proxyUserTakesThePlaceOfTheAddresss() throws {
        let settings = try Self.settings(["-x", "a:b@h", "--proxy-user", "c:d%3Ae"])
        #expect(settings.given?.credentials == ProxyCredentials(user: "c", password: "d:e"))
        let ofEnvironment = try Self.settings(["--proxy-user", "c:d"], ["http_proxy": "a:b@h"])
        #expect(try ofEnvironment.forPlain?.get().credentials == ProxyCredentials(user: "c", password: "d"))
    }

    @Test func anUnusableOneOfTheEnvironmentIsAnErrorWhereItIsNeeded() throws {
        let settings = try Self.settings([], ["https_proxy": "socks4://h", "http_proxy": "h"])
        #expect(try Self.proxy(settings, for: "ws://h/") == "http://h:1080")
        #expect(throws: EndpointError.self) { try Self.proxy(settings, for: "wss://h/") }
    }

    @Test(arguments: [
        ["-x", "socks4://h"], ["-x", "h:0"], ["-x", "h", "--proxy-user", "a%3Ab:c"], ["--proxy-header", "x"],
    ])
    func wrongUsage(arguments: [String]) {
        #expect(throws: (any Error).self) { try ProxyOptions.parse(arguments) }
    }
}
