// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Cookies that answers set, RFC 6265 §5.3")
struct SetCookieTests {
    private static let now = 784_111_777

    private static func url(_ address: String) throws -> WebSocketURL {
        guard case .webSocket(let url) = try Address(address) else {
            throw AddressError(address: address, problem: "", expected: "")
        }
        return url
    }

    /// What goes to `next` after `first` has answered with these fields.
    private static func sent(_ fields: [String], by first: String, to next: String) throws -> [String] {
        var jar = CookieJar()
        for field in fields { jar.add(setCookie: field, from: try Self.url(first), at: Self.now) }
        return jar.cookies(for: try Self.url(next), at: Self.now)
    }

    @Test(
        arguments: [
            ("n=v", "n=v"), (" n = v ; HttpOnly", "n=v"), ("n=", "n="), ("n=a=b", "n=a=b"), ("n=\"v\"", "n=\"v\""),
            ("n=v; Max-Age=1", "n=v"), ("n=v; max-age=99999999999", "n=v"), ("n=v; Max-Age=x", "n=v"),
            ("n=v; Expires=Sun, 06 Nov 1994 08:49:38 GMT", "n=v"), ("n=v; Expires=soon", "n=v"),
            ("n=v; Expires=Sun, 06 Nov 1994 08:49:36 GMT; Max-Age=5", "n=v"), ("n=v; Path=/; Domain=", "n=v"),
            ("n=v; Domain=h.example", "n=v"), ("n=v; Domain=.EXAMPLE.com; Path=x", nil), ("n=v; Path=x", "n=v"),
            ("n=v; Max-Age=0", nil), ("n=v; Max-Age=-1", nil), ("n=v; Expires=Sun, 06 Nov 1994 08:49:36 GMT", nil),
            ("n=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT", nil), ("n", nil), ("=v", nil), ("", nil), (";n=v", nil),
            ("n=\u{1}", nil), ("n=v; Domain=other.example", nil), ("n=v; Domain=example", nil),
            ("n=v; Domain=sub.h.example", nil), ("n=v; Secure", nil), ("n=v; Path=/other", nil),
            ("__Secure-n=v", nil), ("__Host-n=v; Path=/", nil),
        ] as [(String, String?)]
    )
    func onOneHost(field: String, cookie: String?) throws {
        #expect(
            try Self.sent([field], by: "ws://h.example/a/login", to: "ws://h.example/a/ssh")
                == [cookie].compactMap(\.self)
        )
    }

    @Test(
        arguments: [
            ("n=v", "wss://other.example/", false), ("n=v", "wss://a.gw.example/", false),
            ("n=v; Domain=gw.example", "wss://a.gw.example/", true),
            ("n=v; Domain=gw.example", "wss://gw.example/x", true),
            ("n=v; Domain=gw.example", "wss://example/", false), ("n=v; Secure", "ws://gw.example/", false),
            ("n=v", "ws://gw.example:8080/", true), ("__Host-n=v; Secure; Path=/", "wss://gw.example/", true),
            ("__Host-n=v; Secure; Path=/; Domain=gw.example", "wss://gw.example/", false),
            ("__Secure-n=v; Secure", "wss://gw.example/", true),
        ]
    )
    func onAnother(field: String, next: String, isSent: Bool) throws {
        #expect(
            try Self.sent([field], by: "wss://gw.example/", to: next)
                == (isSent ? ["n=v"] : []).map { text in
                    field.hasPrefix("__") ? field.prefix { $0 != ";" }.description : text
                }
        )
    }

    @Test func aLaterOneTakesThePlaceOfAnEarlierOne() throws {
        let address = "ws://h.example/"
        #expect(try Self.sent(["n=1", "m=2", "n=3"], by: address, to: address) == ["m=2", "n=3"])
        #expect(try Self.sent(["n=1", "n=; Max-Age=0"], by: address, to: address) == [])
        #expect(try Self.sent(["n=1; Path=/", "n=2; Path=/a"], by: address, to: "ws://h.example/a") == ["n=2", "n=1"])
    }

    @Test func thereIsAnEndToThem() throws {
        let address = "ws://h.example/"
        let sent = try Self.sent((0..<400).map { "n\($0)=v" }, by: address, to: address)
        #expect(sent.count == 300)
        #expect(sent.last == "n399=v")
    }
}
