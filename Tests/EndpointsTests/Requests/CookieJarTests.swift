// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Cookies in Netscape's format")
struct CookieJarTests {
    private static func jar(_ lines: String...) -> CookieJar {
        var jar = CookieJar()
        #expect(jar.add(lines: lines) == nil)
        return jar
    }

    private static func cookies(_ jar: CookieJar, _ address: String, at now: Int = 1000) throws -> [String] {
        guard case .webSocket(let url) = try Address(address) else { return [] }
        return jar.cookies(for: url, at: now)
    }

    @Test(arguments: [
        ("one.example\tFALSE\t/\tFALSE\t0\tn\tv", "ws://one.example/", true),
        ("one.example\tFALSE\t/\tFALSE\t0\tn\tv", "ws://ONE.example/a?b", true),
        ("one.example\tFALSE\t/\tFALSE\t0\tn\tv", "ws://sub.one.example/", false),
        (".one.example\tTRUE\t/\tFALSE\t0\tn\tv", "ws://sub.one.example/", true),
        (".one.example\tTRUE\t/\tFALSE\t0\tn\tv", "ws://one.example/", true),
        (".one.example\tTRUE\t/\tFALSE\t0\tn\tv", "ws://xone.example/", false),
        ("0.0.1\tTRUE\t/\tFALSE\t0\tn\tv", "ws://127.0.0.1/", false),
        ("#HttpOnly_one.example\tFALSE\t/\tFALSE\t0\tn\tv", "ws://one.example/", true),
        ("one.example\tFALSE\t/a\tFALSE\t0\tn\tv", "ws://one.example/a", true),
        ("one.example\tFALSE\t/a\tFALSE\t0\tn\tv", "ws://one.example/a/b?c", true),
        ("one.example\tFALSE\t/a\tFALSE\t0\tn\tv", "ws://one.example/ab", false),
        ("one.example\tFALSE\t/a\tFALSE\t0\tn\tv", "ws://one.example/", false),
        ("one.example\tFALSE\t/\tTRUE\t0\tn\tv", "ws://one.example/", false),
        ("one.example\tFALSE\t/\tTRUE\t0\tn\tv", "wss://one.example/", true),
        ("127.0.0.1\tFALSE\t/\tTRUE\t0\tn\tv", "ws://127.0.0.1/", true),
        ("one.example\tFALSE\t/\tFALSE\t1000\tn\tv", "ws://one.example/", false),
        ("one.example\tFALSE\t/\tFALSE\t1001\tn\tv", "ws://one.example/", true),
    ])
    func areSentWhereTheyBelong(line: String, address: String, isSent: Bool) throws {
        #expect(try Self.cookies(Self.jar(line), address) == (isSent ? ["n=v"] : []))
    }

    @Test func thoseOfLongerPathsComeFirst() throws {
        let jar = Self.jar(
            "# Netscape HTTP Cookie File",
            "",
            "h\tFALSE\t/\tFALSE\t0\ta\t1",
            "h\tFALSE\t/x\tFALSE\t0\tb\t2",
            "h\tFALSE\t/\tFALSE\t0\tc\t",
            "h\tFALSE\t/\tFALSE\t0\ta\tnew"
        )
        #expect(try Self.cookies(jar, "ws://h/x/y") == ["b=2", "c=", "a=new"])
    }

    @Test(arguments: [
        "n=v", "h\tFALSE\t/\tFALSE\tsoon\tn\tv", "h\tYES\t/\tFALSE\t0\tn\tv", "h\tFALSE\tx\tFALSE\t0\tn\tv",
        "\tFALSE\t/\tFALSE\t0\tn\tv", "h\tFALSE\t/\tFALSE\t0\t\tv", "h\tFALSE\t/\tFALSE\t0\tn\tv\tw",
        "h\tFALSE\t/\tFALSE\t0\tn\tv\u{1B}",
    ])
    func aLineThatIsNoCookieIsNamed(line: String) {
        var jar = CookieJar()
        #expect(jar.add(lines: ["# fine", "h\tFALSE\t/\tFALSE\t0\tn\tv", line]) == 3)
    }
}
