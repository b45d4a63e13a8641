// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing
import WebSocketCore

@testable import Service

@Suite("Authorization")
struct CredentialsTests {
    private static func credentials(_ values: String...) -> Credentials {
        Credentials(HeaderFields(values.map { ("Authorization", $0) }))
    }

    @Test
    func basicAndBearerAreRead() {
        #expect(Self.credentials() == .none)
        #expect(Self.credentials("Basic YWRhOnNlOmNyZXQ=") == .basic(user: "ada", password: "se:cret"))
        #expect(Self.credentials("bASIC  YWRhOg==") == .basic(user: "ada", password: ""))
        #expect(Self.credentials("Bearer abc.def") == .bearer("abc.def"))
        #expect(Self.credentials("bearer  abc") == .bearer("abc"))
    }

    @Test(arguments: [
        "", "Basic", "Bearer", "Basic ?", "Basic YWRh", "Basic YWRhOgA=", "Basic YWRhOv8=", "Digest x", "Basic YWRhOg",
    ])
    func whatCanNotBeUsedIsNone(value: String) {
        #expect(Self.credentials(value) == .other)
    }

    @Test
    func twoFieldsAreNone() {
        #expect(Self.credentials("Bearer a", "Bearer b") == .other)
    }
}
