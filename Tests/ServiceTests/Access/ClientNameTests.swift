// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Service

@Suite("Names of clients' certificates")
struct ClientNameTests {
    @Test(arguments: [
        ("DNS:a.example", "DNS:A.Example"), ("DNS:*.example", "DNS:a.example"),
        ("URI:spiffe://x/y", "URI:spiffe://x/y"),
        ("email:ada@example", "email:ada@example"),
    ])
    func aNameOpensWhole(rule: String, name: String) throws {
        #expect(try ClientName(rule).permits(name))
    }

    @Test(arguments: [
        ("DNS:a.example", "DNS:b.example"), ("DNS:a.example", "DNS:a.example.evil"), ("DNS:a.example", "URI:a.example"),
        ("DNS:*.example", "DNS:example"), ("DNS:*.example", "DNS:a.b.example"), ("DNS:*.example", "DNS:.example"),
        ("DNS:*.example", "DNS:*.example"), ("DNS:*.example", "URI:a.example"),
        ("URI:spiffe://x/y", "URI:spiffe://x/Y"),
        ("URI:spiffe://x", "URI:spiffe://x/y"), ("email:ada@example", "email:bob@example"),
    ])
    func anotherDoesNot(rule: String, name: String) throws {
        #expect(try !ClientName(rule).permits(name))
    }

    @Test(arguments: ["", "a.example", "DNS:", "DNS:*.", "DNS:*.*.example", "IP:1.2.3.4", "dns:a", "URI:a b", ":a"])
    func whatIsNoNameIsRefused(text: String) {
        #expect(throws: ValueError.self) { try ClientName(text) }
    }
}
