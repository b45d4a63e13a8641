// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Service

@Suite("Route patterns")
struct RoutePatternTests {
    private static func match(_ pattern: String, _ path: String, host: String = "h") throws -> [String: String]? {
        try RoutePattern(pattern).match(host: host, path: try RequestPath(target: path))
    }

    @Test(arguments: [
        ("/ssh", "/ssh"), ("/ssh", "/ssh?token=x"), ("/", "/"), ("/a/b", "/a/b"), ("/a/", "/a/"), ("/a%20b", "/a%20b"),
        ("/ssh", "ws://h/ssh"),
    ])
    func aPathIsTakenWithAnyQuery(pattern: String, target: String) throws {
        #expect(try Self.match(pattern, target) == [:])
    }

    @Test(
        arguments: [
            ("/ssh", "/SSH"), ("/ssh", "/ssh/"), ("/ssh/", "/ssh"), ("/ssh", "/"), ("/ssh", "/ssh/x"), ("/a b", "/a"),
            ("/{x}", "/"), ("/{x}", "/a/b"), ("/a/{x}", "/b/c"),
        ].filter { !$0.0.contains(" ") }
    )
    func anotherPathIsNot(pattern: String, target: String) throws {
        #expect(try Self.match(pattern, target) == nil)
    }

    @Test
    func aPlaceholderStandsForOneSegmentDecoded() throws {
        #expect(
            try Self.match("/tcp/{host}/{port}", "/tcp/db%20x/22") == ["host": "db x", "port": "22"]
        )
        #expect(try Self.match("/{a}", "/::1") == ["a": "::1"])
    }

    @Test
    func aHostIsComparedInAnyCase() throws {
        #expect(try Self.match("//GW.example/ssh", "/ssh", host: "gw.example") == [:])
        #expect(try Self.match("//gw.example/ssh", "/ssh", host: "other.example") == nil)
        #expect(try Self.match("/ssh", "/ssh", host: "other.example") == [:])
    }

    @Test(arguments: [
        "", "ssh", "//", "//host", "//ho st/x", "//h:80/x", "//h./x", "/a//b", "/a/../b", "/.", "/a?b", "/a b", "/%2e",
        "/{a}/{a}", "/{a}b", "/{}", "/{a b}", "/a#b", "/é", "/a\\b", "//[::1]/x", "/%zz",
    ])
    func aPatternThatNoRequestCanMeetIsRefused(text: String) {
        #expect(throws: ValueError.self) { try RoutePattern(text) }
    }

    @Test
    func theMoreSpecificPatternIsAskedFirst() throws {
        let ordered = ["//h/{x}", "/a/b", "/a/{y}", "/{x}/b", "/{x}/{y}"]
        let routes = try ordered.reversed().map { text in
            Route(
                pattern: try RoutePattern(text),
                target: try RouteTarget("echo:", names: []),
                settings: RouteSettings()
            )
        }
        let table = RouteTable(routes)
        func name(_ path: String, host: String = "other") throws -> String? {
            table.match(host: host, path: try RequestPath(target: path))?.route.name
        }
        #expect(try name("/a", host: "h") == "//h/{x}")
        #expect(try name("/a/b", host: "h") == "/a/b")
        #expect(try name("/a/c") == "/a/{y}")
        #expect(try name("/c/b") == "/{x}/b")
        #expect(try name("/c/c") == "/{x}/{y}")
        #expect(try name("/c") == nil)
    }

    @Test(arguments: [
        ("/a/{x}", "/a/{y}", true), ("/a/{x}", "/a/b", false), ("//h/a", "/a", false), ("/a", "/a", true),
    ])
    func patternsAreTheSameWhatevertheirPlaceholdersAreCalled(one: String, two: String, same: Bool) throws {
        #expect(try RoutePattern(one).isSame(as: try RoutePattern(two)) == same)
    }
}
