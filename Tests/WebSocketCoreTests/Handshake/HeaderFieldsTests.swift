// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketCore

@Suite("Header fields, RFC 9110 §5")
struct HeaderFieldsTests {
    private static let fields = HeaderFields([
        ("Connection", " keep-alive,  Upgrade\t"), ("X", "1"), ("connection", ",, a ,"), ("x", "2"),
    ])

    @Test func namesAreTheSameInAnyCase() {
        #expect(Self.fields.values(for: "CONNECTION") == ["keep-alive,  Upgrade", ",, a ,"])
        #expect(Self.fields.values(for: "Y") == [])
    }

    @Test func listsGoOnOverRepeatedFieldsWithoutEmptyElements() {
        #expect(Self.fields.tokens(for: "Connection") == ["keep-alive", "Upgrade", "a"])
        #expect(Self.fields.hasToken("UPGRADE", for: "connection"))
        #expect(!Self.fields.hasToken("upgrad", for: "connection"))
    }

    @Test func replacementsStandWhereTheFirstOfTheNameStood() {
        var fields = Self.fields
        fields.replace(with: [("x", "a"), ("New", "n"), ("X", "b")])
        #expect(fields.fields.map(\.name) == ["Connection", "x", "X", "connection", "New"])
        #expect(fields.values(for: "x") == ["a", "b"])
    }
}
