// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketCore

@Suite("Opening handshake of a server, RFC 6455 §4.2")
struct ServerHandshakeTests {
    private static let request = [
        ("Host", "server.example.com"), ("Upgrade", "websocket"), ("Connection", "keep-alive, Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13"),
    ]

    /// Answers a request that is right but for `changes`; a value of `nil` takes a field away.
    private func answer(
        _ changes: [(String, String?)] = [],
        method: String = "GET",
        version: (Int, Int) = (1, 1),
        subprotocols: [String] = [],
        supportsHalfClose: Bool = true
    ) -> Result<ServerHandshake, HandshakeRefusal> {
        let kept = Self.request.filter { field in !changes.contains { $0.0 == field.0 } }
        let headers = HeaderFields(kept + changes.compactMap { change in change.1.map { (change.0, $0) } })
        do throws(HandshakeRefusal) {
            return .success(
                try ServerHandshake.answer(
                    method: method,
                    httpVersion: version,
                    headers: headers,
                    supportedSubprotocols: subprotocols,
                    supportsHalfClose: supportsHalfClose
                )
            )
        } catch {
            return .failure(error)
        }
    }

    private func refusal(_ changes: [(String, String?)]) -> HandshakeRefusal? {
        switch self.answer(changes) {
        case .success: nil
        case .failure(let refusal): refusal
        }
    }

    @Test func answersTheSampleRequest() throws {
        let answer = try self.answer(
            [("Sec-WebSocket-Protocol", "chat, superchat")],
            subprotocols: ["superchat", "chat"]
        ).get()
        #expect(
            answer.headers.fields.map { "\($0.name): \($0.value)" } == [
                "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "Sec-WebSocket-Protocol: chat",
            ]
        )
        #expect(answer.negotiated == Negotiated(subprotocol: "chat"))
    }

    @Test func theClientsFirstSubprotocolThatIsSupportedIsChosen() throws {
        let offer = [("Sec-WebSocket-Protocol", Optional("a, b")), ("sec-websocket-protocol", "c")]
        #expect(try self.answer(offer, subprotocols: ["c", "b"]).get().negotiated.subprotocol == "b")
        #expect(try self.answer(offer, subprotocols: ["c"]).get().negotiated.subprotocol == "c")
        let none = try self.answer(offer, subprotocols: ["B"]).get()
        #expect(none.negotiated.subprotocol == nil)
        #expect(none.headers.values(for: "Sec-WebSocket-Protocol") == [])
        #expect(try self.answer(subprotocols: ["c"]).get().negotiated.subprotocol == nil)
    }

    @Test(arguments: [
        ("strait-half-close", true), ("STRAIT-HALF-CLOSE", true), ("permessage-deflate; a=1, strait-half-close", true),
        ("strait-half-close; x, strait-half-close", true), ("strait-half-close; x", false),
        ("permessage-deflate", false),
        ("strait-half-closed", false),
    ])
    func halfCloseIsAgreedIfOfferedWithoutParameters(offer: String, isAgreed: Bool) throws {
        let answer = try self.answer([("Sec-WebSocket-Extensions", offer)]).get()
        #expect(answer.negotiated.halfClose == isAgreed)
        #expect(answer.headers.values(for: "Sec-WebSocket-Extensions") == (isAgreed ? ["strait-half-close"] : []))
        let without = try self.answer([("Sec-WebSocket-Extensions", offer)], supportsHalfClose: false).get()
        #expect(!without.negotiated.halfClose)
    }

    @Test func aClientTakesTheAnswer() throws {
        let client = ClientHandshake(
            uri: "/",
            host: "h",
            key: SecWebSocketKey(1, 2),
            subprotocols: ["a"],
            offers: [.halfClose]
        )
        let server = try ServerHandshake.answer(
            method: "GET",
            httpVersion: (1, 1),
            headers: client.headers,
            supportedSubprotocols: ["a"]
        )
        #expect(try client.verify(status: 101, reason: "", headers: server.headers) == server.negotiated)
        #expect(server.negotiated == Negotiated(subprotocol: "a", extensions: [.halfClose]))
    }

    @Test(arguments: [(0, 9), (1, 0), (2, 0)])
    func onlyHTTP1From1_1IsTaken(major: Int, minor: Int) {
        guard case .failure(let refusal) = self.answer(version: (major, minor)) else {
            Issue.record("taken")
            return
        }
        #expect(refusal == .httpVersion(major: major, minor: minor))
        #expect(refusal.status == 505)
    }

    @Test func onlyGETIsTaken() {
        guard case .failure(let refusal) = self.answer(method: "POST") else {
            Issue.record("taken")
            return
        }
        #expect(refusal == .method("POST"))
        #expect(refusal.status == 405)
        #expect(refusal.headers.values(for: "Allow") == ["GET"])
    }

    @Test func aPlainRequestIsToldToUpgrade() {
        for changes in [[("Upgrade", nil)], [("Upgrade", "h2c")], [("Connection", nil)], [("Connection", "close")]]
            as [[(String, String?)]]
        {
            let refusal = self.refusal(changes)
            #expect(refusal == .notUpgrade)
            #expect(refusal?.status == 426)
            #expect(refusal?.headers.values(for: "Upgrade") == ["websocket"])
            #expect(refusal?.headers.values(for: "Connection") == ["Upgrade, close"])
        }
        #expect(self.refusal([("Upgrade", "WebSocket"), ("Connection", "UPGRADE")]) == nil)
    }

    @Test func anotherVersionIsToldTheRightOne() {
        for version in [nil, "", "8", "14", "13, 13"] {
            let refusal = self.refusal([("Sec-WebSocket-Version", version)])
            #expect(refusal == .webSocketVersion(version))
            #expect(refusal?.status == 426)
            #expect(refusal?.headers.values(for: "Sec-WebSocket-Version") == ["13"])
        }
    }

    @Test func thereMustBeOneKeyOf16Bytes() {
        let name = "Sec-WebSocket-Key"
        let good = "dGhlIHNhbXBsZSBub25jZQ=="
        #expect(self.refusal([(name, nil)]) == .missingKey)
        #expect(self.refusal([(name, "")]) == .badKey(""))
        #expect(self.refusal([(name, "dGhl")]) == .badKey("dGhl"))
        #expect(self.refusal([(name, good), (name, good)]) == .repeatedKey(2))
        #expect(self.refusal([(name, nil)])?.status == 400)
    }

    @Test func thereMustBeOneHost() {
        #expect(self.refusal([("Host", nil)]) == .missingHost)
        #expect(self.refusal([("Host", "a"), ("Host", "a")]) == .repeatedHost(2))
        for host in ["", "a b", "a/b", "a@b", "a\u{0}"] { #expect(self.refusal([("Host", host)]) == .badHost(host)) }
        for host in ["a", "a_b.example:80", "[::1]:8080", "127.0.0.1"] {
            #expect(self.refusal([("Host", host)]) == nil)
        }
        #expect(self.refusal([("Host", nil)])?.status == 400)
    }

    @Test func extensionsThatCannotBeReadAreRefused() {
        let refusal = self.refusal([("Sec-WebSocket-Extensions", "a; b=\"")])
        #expect(refusal?.status == 400)
        #expect("\(refusal.map { "\($0)" } ?? "")".contains("Sec-WebSocket-Extensions"))
    }

    @Test func everyRefusalIsOneLineOfPlainText() {
        let refusals: [HandshakeRefusal] = [
            .httpVersion(major: 1, minor: 0), .method("\n"), .notUpgrade, .missingHost, .repeatedHost(2),
            .badHost("\u{1B}"),
            .webSocketVersion("\r"), .missingKey, .repeatedKey(2), .badKey("\u{85}"),
        ]
        for refusal in refusals {
            #expect("\(refusal)".unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
            #expect(!refusal.reasonPhrase.isEmpty)
        }
    }
}
