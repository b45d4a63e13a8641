// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Refusals of HTTP proxies")
struct ProxyRefusalTests {
    @Test func a407ShowsAllSchemesAndNoBody() {
        var refusal = ProxyRefusal(
            status: 407,
            reason: "No",
            authenticate: ["NTLM", "Basic realm=\"x\""],
            body: "<html>"
        )
        #expect(
            "\(refusal)"
                == "HTTP 407 No, Proxy-Authenticate: NTLM, Basic realm=\"x\" (give user and password with --proxy-user)"
        )
        refusal.hadCredentials = true
        #expect("\(refusal)".contains("check user and password"))
        refusal.authenticate = ["NTLM"]
        #expect("\(refusal)".contains("it offers no Basic"))
    }

    @Test func othersShowTheirBody() {
        let refusal = ProxyRefusal(status: 403, reason: "Forbidden", body: "by\r\npolicy\n")
        #expect("\(refusal)".hasPrefix("HTTP 403 Forbidden: \"by policy\" ("))
    }

    @Test func squidsOwnWordsStandForItsPage() {
        let refusal = ProxyRefusal(
            status: 403,
            reason: "Forbidden",
            squidError: "ERR_ACCESS_DENIED 0",
            body: "<!DOCTYPE"
        )
        #expect("\(refusal)".hasPrefix("HTTP 403 Forbidden, ERR_ACCESS_DENIED 0 ("))
    }

    @Test(arguments: [
        (401, "--proxy-user"), (403, "rules"), (502, "can't reach"), (503, "can't reach"), (504, "can't reach"),
        (400, "CONNECT"), (404, "CONNECT"), (405, "CONNECT"), (501, "CONNECT"), (500, "ask"), (302, "ask"), (0, "ask"),
    ])
    func saysWhatToDo(status: Int, hint: String) {
        #expect("\(ProxyRefusal(status: status, reason: "", body: ""))".contains(hint))
    }

    @Test(arguments: ["\r\n", "\u{1B}[31m", "\u{0}", "\u{202E}"])
    func aProxyCanNotActOnTheTerminal(text: String) {
        for status in [403, 407] {
            let refusal = ProxyRefusal(
                status: status,
                reason: "a\(text)b",
                authenticate: ["c\(text)d"],
                squidError: "e\(text)f",
                body: "g\(text)h"
            )
            #expect(!"\(refusal)".unicodeScalars.contains { $0.properties.generalCategory == .control })
            #expect(!"\(refusal)".unicodeScalars.contains("\u{202E}"))
        }
    }
}
