// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Where a redirect leads to, RFC 3986 §5")
struct RedirectTargetTests {
    private static func follow(_ location: String, from base: String, allowsInsecure: Bool = false) throws
        -> WebSocketURL
    {
        guard case .webSocket(let base) = try Address(base) else { throw CancellationError() }
        return try RedirectTarget.url(location, from: base, allowsInsecure: allowsInsecure)
    }

    private static func shown(_ url: WebSocketURL) -> String {
        "\(url.isSecure ? "wss" : "ws")://\(url.authority)\(url.target)"
    }

    @Test(
        arguments: [
            ("https://b.example/x?y#z", "wss://b.example/x?y"), ("HTTP://b.example", "ws://b.example/"),
            ("wss://b.example:8443/", "wss://b.example:8443/"), ("ws://b.example/", "ws://b.example/"),
            ("//b.example/x", "ws://b.example/x"), ("/x", "ws://a.example/x"), ("/x?y", "ws://a.example/x?y"),
            ("x", "ws://a.example/one/x"), ("../x", "ws://a.example/x"), ("./", "ws://a.example/one/"),
            ("../../../x", "ws://a.example/x"), ("?z", "ws://a.example/one/two?z"), ("", "ws://a.example/one/two?q"),
            ("#top", "ws://a.example/one/two?q"), ("/a/./b/../c//d/..", "ws://a.example/a/c//"),
            ("/with space/\u{E9}", "ws://a.example/with%20space/%C3%A9"), ("x:y", nil), ("/x:y", "ws://a.example/x:y"),
            ("?x:y", "ws://a.example/one/two?x:y"), ("ftp://b.example/", nil), ("https:", nil),
            ("https://b.example:0/", nil),
            ("//", nil), ("javascript:alert(1)", nil),
        ] as [(String, String?)]
    )
    func isResolved(location: String, expected: String?) throws {
        guard let expected else {
            #expect(throws: RedirectError.self) { _ = try Self.follow(location, from: "ws://a.example/one/two?q") }
            return
        }
        #expect(try Self.shown(Self.follow(location, from: "ws://a.example/one/two?q")) == expected)
    }

    @Test(arguments: ["http://b.example/?token", "ws://a.example/", "http://a.example:443/"])
    func doesNotLeaveTLSUnlessAllowed(location: String) throws {
        let error = #expect(throws: RedirectError.self) { _ = try Self.follow(location, from: "wss://a.example/") }
        #expect(error?.description.contains("--insecure") == true)
        #expect(error?.description.contains("token") == false)
        #expect(try !Self.follow(location, from: "wss://a.example/", allowsInsecure: true).isSecure)
    }

    @Test(
        arguments: [
            ("/x", "me:pw"), ("ws://A.example/x", "me:pw"), ("ws://a.example:80/", "me:pw"),
            ("ws://a.example:81/", nil),
            ("wss://a.example/", nil), ("ws://b.example/", nil), ("//b.example/", nil),
            ("ws://you:too@b.example/", "you:too"),
        ] as [(String, String?)]
    )
    func credentialsOfTheAddressStayWithItsOrigin(location: String, credentials: String?) throws {
        #expect(try Self.follow(location, from: "ws://me:pw@a.example/").credentials == credentials)
    }
}
