// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketCore

@Suite("Opening handshake of a client, RFC 6455 §4.1")
struct ClientHandshakeTests {
    private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    private func handshake(
        uri: String = "/chat",
        subprotocols: [String] = [],
        offers: [ExtensionOffer] = [],
        additional: [(String, String)] = []
    ) throws -> ClientHandshake {
        ClientHandshake(
            uri: uri,
            host: "server.example.com",
            key: try #require(SecWebSocketKey(headerValue: "dGhlIHNhbXBsZSBub25jZQ==")),
            subprotocols: subprotocols,
            offers: offers,
            additional: additional
        )
    }

    /// An answer that is right but for `changes`; a value of `nil` takes a field away.
    private func answer(_ changes: [(String, String?)] = []) -> HeaderFields {
        let fields = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", Self.accept)]
        return HeaderFields(
            fields.filter { field in !changes.contains { $0.0 == field.0 } }
                + changes.compactMap { change in change.1.map { (change.0, $0) } }
        )
    }

    private func failure(_ handshake: ClientHandshake, _ changes: [(String, String?)]) -> HandshakeFailure? {
        do throws(HandshakeFailure) {
            _ = try handshake.verify(status: 101, reason: "", headers: self.answer(changes))
            return nil
        } catch {
            return error
        }
    }

    @Test func asksAsTheRFCDoes() throws {
        let handshake = try self.handshake(subprotocols: ["chat", "superchat"], offers: [.halfClose])
        #expect(handshake.uri == "/chat")
        #expect(
            handshake.headers.fields.map { "\($0.name): \($0.value)" } == [
                "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: chat, superchat",
                "Sec-WebSocket-Extensions: strait-half-close",
            ]
        )
    }

    @Test(arguments: [("", "/"), ("/", "/"), ("?a=b", "/?a=b"), ("/a?b", "/a?b")])
    func thePathStartsWithASlash(uri: String, asked: String) throws {
        #expect(try self.handshake(uri: uri).uri == asked)
    }

    @Test func theUsersFieldsReplaceOurs() throws {
        let handshake = try self.handshake(additional: [("HOST", "other"), ("Cookie", "a"), ("Cookie", "b")])
        #expect(handshake.headers.values(for: "host") == ["other"])
        #expect(handshake.headers.fields.first?.value == "other")
        #expect(handshake.headers.values(for: "cookie") == ["a", "b"])
    }

    @Test func takesTheSampleAnswer() throws {
        let handshake = try self.handshake(subprotocols: ["chat", "superchat"], offers: [.halfClose])
        let headers = self.answer([("sec-websocket-protocol", "chat")])
        let negotiated = try handshake.verify(status: 101, reason: "Switching Protocols", headers: headers)
        #expect(negotiated == Negotiated(subprotocol: "chat"))
        #expect(!negotiated.halfClose)
    }

    @Test func halfCloseIsAgreedWhenTheServerSaysSo() throws {
        let handshake = try self.handshake(offers: [.halfClose])
        let headers = self.answer([("Sec-WebSocket-Extensions", "Strait-Half-Close")])
        #expect(try handshake.verify(status: 101, reason: "", headers: headers).halfClose)
    }

    @Test func whatTheUserOffersCountsAsOffered() throws {
        let handshake = try self.handshake(additional: [
            ("Sec-WebSocket-Protocol", "mqtt"), ("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEA=="),
        ])
        let accept = SecWebSocketKey(headerValue: "AQIDBAUGBwgJCgsMDQ4PEA==")?.accept
        #expect(self.failure(handshake, [("Sec-WebSocket-Accept", accept), ("Sec-WebSocket-Protocol", "mqtt")]) == nil)
        #expect(self.failure(handshake, []) == .accept(Self.accept))
    }

    @Test func aKeyThatIsNoneIsNeverAnswered() throws {
        let handshake = try self.handshake(additional: [("Sec-WebSocket-Key", "x")])
        #expect(self.failure(handshake, [("Sec-WebSocket-Accept", nil)]) == .accept(nil))
    }

    @Test func anyOtherStatusFails() throws {
        let handshake = try self.handshake()
        for status in [100, 102, 200, 301, 403] {
            #expect(throws: HandshakeFailure.status(status, reason: "No")) {
                try handshake.verify(status: status, reason: "No", headers: self.answer())
            }
        }
        #expect("\(HandshakeFailure.status(403, reason: "Forbidden"))" == "HTTP 403 Forbidden")
        #expect("\(HandshakeFailure.status(403, reason: ""))" == "HTTP 403")
    }

    @Test func upgradeAndConnectionAreComparedInAnyCase() throws {
        let handshake = try self.handshake()
        #expect(self.failure(handshake, [("Upgrade", "WebSocket"), ("Connection", "keep-alive, upgrade")]) == nil)
        #expect(self.failure(handshake, [("Upgrade", nil)]) == .upgrade(nil))
        #expect(self.failure(handshake, [("Upgrade", "websockets")]) == .upgrade("websockets"))
        #expect(self.failure(handshake, [("Connection", nil)]) == .connection(nil))
        #expect(self.failure(handshake, [("Connection", "close")]) == .connection("close"))
    }

    @Test func acceptMustFitTheKeyExactly() throws {
        let handshake = try self.handshake()
        #expect(self.failure(handshake, [("Sec-WebSocket-Accept", " \(Self.accept) ")]) == nil)
        #expect(self.failure(handshake, [("Sec-WebSocket-Accept", nil)]) == .accept(nil))
        #expect(self.failure(handshake, [("Sec-WebSocket-Accept", "")]) == .accept(""))
        let lower = "s3pplmbitxaq9kygzzhzrbk+xoo="
        #expect(self.failure(handshake, [("Sec-WebSocket-Accept", lower)]) == .accept(lower))
    }

    @Test func onlyWhatWasOfferedMayBeAgreed() throws {
        let plain = try self.handshake()
        #expect(self.failure(plain, [("Sec-WebSocket-Protocol", "chat")]) == .subprotocolNotOffered("chat"))
        #expect(
            self.failure(plain, [("Sec-WebSocket-Extensions", "x; y")])
                == .extensionNotOffered(.init("x", [.init("y")]))
        )
        let offering = try self.handshake(subprotocols: ["chat", "mqtt"], offers: [.halfClose])
        #expect(self.failure(offering, [("Sec-WebSocket-Protocol", "mqtt")]) == nil)
        #expect(self.failure(offering, [("Sec-WebSocket-Protocol", "Mqtt")]) == .subprotocolNotOffered("Mqtt"))
        #expect(
            self.failure(offering, [("Sec-WebSocket-Protocol", "chat, mqtt")]) == .subprotocolNotOffered("chat, mqtt")
        )
        let twice = "strait-half-close, strait-half-close"
        #expect(self.failure(offering, [("Sec-WebSocket-Extensions", twice)]) == .extensionRepeated(.halfClose))
        let parameters = ExtensionOffer("strait-half-close", [.init("a", "1")])
        #expect(
            self.failure(offering, [("Sec-WebSocket-Extensions", "\(parameters)")]) == .extensionParameters(parameters)
        )
        guard case .extensionSyntax = self.failure(offering, [("Sec-WebSocket-Extensions", ";")]) else {
            Issue.record("garbage was taken")
            return
        }
    }

    @Test func descriptionsShowNoControlCharacters() {
        let failures: [HandshakeFailure] = [
            .status(500, reason: "\u{1B}[2J"), .upgrade("\u{7}"), .connection("\r\n"), .accept("\u{9B}"),
            .subprotocolNotOffered("\u{202E}"), .extensionNotOffered(.init("\u{0}")),
        ]
        for failure in failures {
            #expect(
                "\(failure)".unicodeScalars.allSatisfy { ![.control, .format].contains($0.properties.generalCategory) }
            )
        }
    }
}
