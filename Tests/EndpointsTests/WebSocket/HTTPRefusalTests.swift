// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import Testing

@testable import Endpoints

@Suite("HTTP refusals")
struct HTTPRefusalTests {
    @Test func saysAllThatTheServerSaid() {
        var refusal = HTTPRefusal(status: 403, reason: "Forbidden", body: "token expired\n")
        #expect("\(refusal)" == "HTTP 403 Forbidden: \"token expired\" (send credentials with --user or --header)")
        refusal.body = ""
        refusal.reason = ""
        #expect("\(refusal)" == "HTTP 403 (send credentials with --user or --header)")
    }

    @Test func aRedirectNamesItsLocation() {
        let refusal = HTTPRefusal(status: 301, reason: "Moved Permanently", location: "https://h/new", body: "")
        #expect("\(refusal)".hasPrefix("HTTP 301 Moved Permanently, Location: https://h/new ("))
    }

    @Test func a401NamesWhatItWants() {
        let refusal = HTTPRefusal(status: 401, reason: "Unauthorized", authenticate: "Basic realm=\"x\"", body: "")
        #expect("\(refusal)".contains("WWW-Authenticate: Basic realm=\"x\""))
        #expect("\(refusal)".contains("--user"))
    }

    @Test(arguments: [
        (404, "check the path"), (407, "--proxy-user"), (302, "Location"), (307, "Location"), (308, "Location"),
        (400, "Upgrade and Connection"), (426, "Upgrade and Connection"), (429, "try again"), (503, "try again"),
        (502, "does not answer"),
        (504, "does not answer"), (200, "Upgrade"), (299, "Upgrade"), (500, "ask whoever"), (100, "ask whoever"),
        (304, "ask whoever"), (0, "ask whoever"), (-1, "ask whoever"),
    ])
    func saysWhatToDo(status: Int, hint: String) {
        #expect("\(HTTPRefusal(status: status, reason: "", body: ""))".contains(hint))
    }

    @Test(arguments: [
        ("<center>The plain HTTP request was sent to HTTPS port</center>", "use wss://"),
        ("Client sent an HTTP request to an HTTPS server.\n", "use wss://"),
        ("the path has an empty segment (//)", "mend what the server names"),
        ("<html><h1>400 Bad Request</h1>", "Upgrade and Connection"), ("", "Upgrade and Connection"),
    ])
    func aBadRequestIsBadForManyReasons(body: String, hint: String) {
        #expect("\(HTTPRefusal(status: 400, reason: "", body: body))".contains(hint))
    }

    @Test func whatTheServerRepeatsOfTheQueryIsHidden() {
        let refusal = HTTPRefusal(
            status: 301,
            reason: "no hunter2",
            location: "https://me:pass@h/x?token=hunter2",
            body: "Cannot GET /x?token=hunter2",
            secrets: RequestSecrets(target: "/x?token=hunter2")
        )
        #expect(
            "\(refusal)".hasPrefix(
                "HTTP 301 no …, Location: https://h/x?token=…: \"Cannot GET /x?token=…\" ("
            )
        )
        #expect(refusal.location == "https://me:pass@h/x?token=hunter2")
    }

    @Test func aRefusalThroughANetworkMayBeTheNetworks() {
        var refusal = HTTPRefusal(status: 403, reason: "", body: "", network: .cloudflare)
        #expect("\(refusal)".contains("Cloudflare passed this on, or refused by itself"))
        #expect("\(refusal)".contains("--user"))
        refusal.hadCredentials = true
        #expect("\(refusal)".contains("other credentials"))
        refusal.status = 522
        #expect("\(refusal)".contains("Cloudflare gets no answer"))
        refusal.network = nil
        #expect("\(refusal)".contains("ask whoever"))
    }

    @Test(
        arguments: [
            ([("CF-RAY", "8a1b-FRA"), ("Server", "cloudflare")], .cloudflare), ([("X-Amz-Cf-Id", "x")], .cloudFront),
            ([("Server", "AkamaiGHost")], .akamai), ([("X-Served-By", "cache-fra-1")], .fastly),
            ([("X-Azure-Ref", "x")], .azure), ([("Via", "1.1 google")], .google),
            ([("Server", "nginx"), ("Via", "1.1 squid"), ("X-Served-By", "web-3")], nil), ([], nil),
        ] as [([(String, String)], ContentNetwork?)]
    )
    func networksNameThemselves(fields: [(String, String)], network: ContentNetwork?) {
        #expect(ContentNetwork(HTTPHeaders(fields)) == network)
    }

    @Test(arguments: ["\r\n", "\n", "\u{1B}[31m", "\u{0}", "\u{2028}", "\u{202E}", "\u{9B}31m"])
    func aServerCanNotActOnTheTerminal(text: String) {
        let refusal = HTTPRefusal(
            status: 400,
            reason: "a\(text)b",
            location: "a\(text)b",
            authenticate: "a\(text)b",
            body: "a\(text)b"
        )
        for scalar in "\(refusal)".unicodeScalars {
            #expect(scalar.properties.generalCategory != .control)
            #expect(scalar.properties.generalCategory != .format)
            #expect(scalar.properties.generalCategory != .lineSeparator)
        }
    }
}
