// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import TLSEngine

@Suite("Certificates by name")
struct TLSServerNamesTests {
    private let names = TLSServerNames([
        ["a.example", "*.wild.example"], ["B.Example.", "x.wild.example", "a.example"], ["*.example"], ["*", "*."],
    ])

    @Test(arguments: [
        ("a.example", 0), ("A.EXAMPLE", 0), ("a.example.", 0), ("b.example", 1), ("x.wild.example", 1),
        ("y.wild.example", 0), ("Y.Wild.Example.", 0), ("c.example", 2), ("wild.example", 2),
    ])
    func theClosestNameCountsAndThenTheFirst(host: String, place: Int) {
        #expect(self.names.place(of: host) == place)
    }

    @Test(arguments: ["example", ".example", "a.b.wild.example", "other", "", ".", "*", "*.x.y", "a.example.org"])
    func whatNoneIsForHasNone(host: String) {
        #expect(self.names.place(of: host) == nil)
    }
}
