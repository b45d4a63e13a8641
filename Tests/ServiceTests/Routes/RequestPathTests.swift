// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Service

@Suite("Paths of requests")
struct RequestPathTests {
    @Test(arguments: [
        ("/", [""]), ("/a", ["a"]), ("/a/", ["a", ""]), ("/a/b%20c", ["a", "b%20c"]),
        ("/.well-known/x", [".well-known", "x"]),
        ("/a..b/...", ["a..b", "..."]), ("/a;v=1/b@c:d", ["a;v=1", "b@c:d"]), ("/a?/../%2e//", ["a"]),
        ("/%C3%A9", ["%C3%A9"]), ("http://h", [""]), ("WSS://h:1/a", ["a"]),
    ])
    func segmentsAreKeptAsTheyCame(target: String, segments: [String]) throws {
        #expect(try RequestPath(target: target).segments == segments)
    }

    @Test(arguments: [
        ("", RequestPathError.notAbsolute), ("a", .notAbsolute), ("*", .notAbsolute), ("h:80", .notAbsolute),
        ("ftp://h/a", .notAbsolute), ("//", .emptySegment), ("//a", .emptySegment), ("/a//b", .emptySegment),
        ("/a//", .emptySegment), ("/.", .dots), ("/..", .dots), ("/a/./b", .dots), ("/a/../b", .dots),
        ("/a/..;x/b", .dots),
        ("/.;x", .dots), ("/%2e%2e/a", .needlessEncoding), ("/%2E", .needlessEncoding), ("/.%2e/a", .needlessEncoding),
        ("/%61dmin", .needlessEncoding), ("/a%2Fb", .encodedDelimiter), ("/a%2fb", .encodedDelimiter),
        ("/a%5Cb", .encodedDelimiter), ("/a%00", .encodedDelimiter), ("/a%0d%0aX", .encodedDelimiter),
        ("/a%7F", .encodedDelimiter), ("/%C2%85", .encodedDelimiter), ("/%252e", .encodedDelimiter), ("/a%", .encoding),
        ("/a%2", .encoding), ("/a%zz", .encoding), ("/%ff", .encoding), ("/%C3", .encoding), ("/%C0%AE", .encoding),
        ("/a\\b", .character), ("/a b", .character), ("/a\u{1}", .character), ("/é", .character), ("/a#b", .character),
        ("/a\"", .character), ("/a<b>", .character), ("/a|b", .character), ("/\u{FFFD}", .character),
    ])
    func whatAnotherProgramMayHaveReadOtherwiseIsRefused(target: String, error: RequestPathError) {
        #expect(throws: error) { try RequestPath(target: target) }
    }

    @Test
    func authorityAndQueryAreKeptApart() throws {
        let path = try RequestPath(target: "ws://H:80/a?x=1?y")
        #expect(path.authority == "H:80")
        #expect(path.text == "/a")
        #expect(path.query == "x=1?y")
    }

    @Test(arguments: [
        ("h", "h"), ("H.Example:80", "h.example"), ("h.", "h"), ("[::1]:80", "::1"), ("[::1]", "::1"), ("h:", "h"),
    ])
    func theHostIsTheFieldWithoutPort(field: String, name: String) {
        #expect(RequestHost.name(of: field) == name)
    }

    @Test(arguments: ["", ":80", "h:x", "h:80:80", "[::1", "[::1]x", "[x]", "h/", "a@h", ".", "h..", "h,h", "é"])
    func whatIsNoHostIsNone(field: String) {
        #expect(RequestHost.name(of: field) == nil)
    }
}
