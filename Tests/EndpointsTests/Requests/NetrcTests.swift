// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("~/.netrc")
struct NetrcTests {
    private static func netrc(_ text: String) -> Netrc {
        Netrc(lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }

    private static let file = netrc(
        """
        # machine commented login c password c
        machine one.example login me password secret
        machine two.example
          login	you
          password "with \\"quotes\\" and\\tspace"
        machine ONE.example login other password hidden
        machine bare.example login nobody
        macdef init
        machine macro.example login m password m

        machine after.example account x login a password b
        default login anonymous password guest
        """
    )

    @Test(
        arguments: [
            ("one.example", nil, "me:secret"), ("One.Example", nil, "me:secret"),
            ("one.example", "other", "other:hidden"), ("two.example", nil, "you:with \"quotes\" and\tspace"),
            ("bare.example", nil, "nobody:"), ("after.example", nil, "a:b"),
            ("commented", nil, "anonymous:guest"), ("macro.example", nil, "anonymous:guest"),
            ("sub.one.example", nil, "anonymous:guest"), ("one.example", "stranger", nil),
        ] as [(String, String?, String?)]
    )
    func givesTheFirstEntryThatFits(host: String, user: String?, credentials: String?) {
        #expect(Self.file.credentials(for: host, user: user) == credentials)
    }

    @Test func withoutDefaultAnUnknownHostHasNone() {
        let netrc = Self.netrc("machine one.example login me password secret")
        #expect(netrc.credentials(for: "two.example") == nil)
        #expect(netrc.credentials(for: "one.example.evil") == nil)
    }

    @Test func aPasswordWithoutLoginIsForAnyUser() {
        let netrc = Self.netrc("machine one.example password secret")
        #expect(netrc.credentials(for: "one.example", user: "me") == "me:secret")
        #expect(netrc.credentials(for: "one.example") == nil)
    }

    @Test(arguments: [
        "", "machine", "machine a login", "login a password b", "machine a login \"b", "default", "\"machine\" a",
    ])
    func whatIsNotUnderstoodIsLeftOut(text: String) {
        #expect(Self.netrc(text).credentials(for: "a").map { $0 == "b:" } ?? true)
    }
}
