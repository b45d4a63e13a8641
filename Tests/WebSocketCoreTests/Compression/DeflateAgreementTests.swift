// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketCore

@Suite("Negotiation of permessage-deflate, RFC 7692 §7.1")
struct DeflateAgreementTests {
    private static let windows = (8...15).compactMap { DeflateWindow(bits: $0) }

    private func offers(_ value: String) throws -> [ExtensionOffer] {
        try ExtensionOffer.parse([value])
    }

    /// What a server says to offers.
    private func answer(_ value: String, window: DeflateWindow = .largest) throws -> String? {
        DeflateAgreement.answer(to: try self.offers(value), window: window)?.answer.description
    }

    /// What a client makes of an answer.
    private func agreement(_ offers: String, _ answer: String) throws -> Result<DeflateAgreement, DeflateParameterError>
    {
        let answer = try #require(self.offers(answer).first)
        let offers = try self.offers(offers)
        do throws(DeflateParameterError) {
            return .success(try DeflateAgreement(offers: offers, answer: answer))
        } catch {
            return .failure(error)
        }
    }

    // MARK: Examples of the RFC

    @Test func theSimplestOfferIsTaken() throws {
        #expect(try self.answer("permessage-deflate") == "permessage-deflate")
        #expect(try self.agreement("permessage-deflate", "permessage-deflate") == .success(DeflateAgreement()))
    }

    @Test func aLimitOfTheServersWindowIsConfirmed() throws {
        let offer = "permessage-deflate; client_max_window_bits; server_max_window_bits=10"
        #expect(try self.answer(offer) == "permessage-deflate; server_max_window_bits=10")
        let agreed = try self.agreement(offer, "permessage-deflate; server_max_window_bits=10").get()
        #expect(agreed.fromServer == .init(window: try #require(DeflateWindow(bits: 10))))
        #expect(agreed.fromClient == .init())
    }

    @Test func aFallbackMayBeTaken() throws {
        let offers =
            "permessage-deflate; client_max_window_bits; server_max_window_bits=10, "
            + "permessage-deflate; client_max_window_bits"
        #expect(try self.answer(offers) == "permessage-deflate; server_max_window_bits=10")
        #expect(try self.agreement(offers, "permessage-deflate").get() == DeflateAgreement())
        #expect(
            try self.agreement(offers, "permessage-deflate; server_max_window_bits=9").get().fromServer.window.bits == 9
        )
    }

    // MARK: Parameters

    /// §7.1: a server declines such an offer, and takes the next that is right; a client fails for such an answer.
    @Test(arguments: [
        ("x", DeflateParameterError.unknown("x")),
        ("server_no_context_takeover=1", .value("server_no_context_takeover", "1")),
        ("client_no_context_takeover=true", .value("client_no_context_takeover", "true")),
        ("server_max_window_bits", .value("server_max_window_bits", nil)),
        ("server_max_window_bits=7", .value("server_max_window_bits", "7")),
        ("server_max_window_bits=16", .value("server_max_window_bits", "16")),
        ("server_max_window_bits=08", .value("server_max_window_bits", "08")),
        ("server_max_window_bits=+9", .value("server_max_window_bits", "+9")),
        ("server_max_window_bits=9x", .value("server_max_window_bits", "9x")),
        ("client_max_window_bits=7", .value("client_max_window_bits", "7")),
        ("client_max_window_bits=16", .value("client_max_window_bits", "16")),
        ("client_max_window_bits=010", .value("client_max_window_bits", "010")),
        ("client_max_window_bits=99999999999999999999", .value("client_max_window_bits", "99999999999999999999")),
        ("server_no_context_takeover; server_no_context_takeover", .repeated("server_no_context_takeover")),
        ("client_no_context_takeover; Client_No_Context_Takeover", .repeated("client_no_context_takeover")),
        ("server_max_window_bits=9; server_max_window_bits=9", .repeated("server_max_window_bits")),
        ("client_max_window_bits=9; client_max_window_bits=10", .repeated("client_max_window_bits")),
    ])
    func whatTheRFCDoesNotAllowIsDeclined(parameters: String, error: DeflateParameterError) throws {
        let element = "permessage-deflate; \(parameters)"
        #expect(try self.answer(element) == nil)
        #expect(try self.answer("\(element), permessage-deflate") == "permessage-deflate")
        #expect(try self.answer("x, permessage-deflate, \(element)") == "permessage-deflate")
        let all = "permessage-deflate; client_max_window_bits"
        #expect(try self.agreement(all, element) == .failure(error))
        #expect("\(error)".contains("(RFC 7692 §7.1"))
    }

    @Test func onlyAnOfferMayLeaveTheClientsWindowOpen() throws {
        #expect(try self.answer("permessage-deflate; client_max_window_bits") == "permessage-deflate")
        #expect(
            try self.agreement(
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; client_max_window_bits"
            )
                == .failure(.value("client_max_window_bits", nil))
        )
    }

    @Test func aQuotedValueIsAValue() throws {
        #expect(
            try self.answer("permessage-deflate; server_max_window_bits=\"10\"")
                == "permessage-deflate; server_max_window_bits=10"
        )
    }

    @Test func namesAreReadInAnyCase() throws {
        let answer = try self.answer("PerMessage-Deflate; Server_Max_Window_Bits=10")
        #expect(answer == "permessage-deflate; server_max_window_bits=10")
    }

    @Test func withoutAnOfferNothingIsAnswered() throws {
        #expect(try self.answer("") == nil)
        #expect(try self.answer("x-webkit-deflate-frame, permessage-bzip2") == nil)
    }

    // MARK: Windows of a server

    @Test func aServersOwnLimitIsSaidAndAsksTheClientWhereItMay() throws {
        let small = DeflateWindow.small
        #expect(try self.answer("permessage-deflate", window: small) == "permessage-deflate; server_max_window_bits=12")
        #expect(
            try self.answer("permessage-deflate; client_max_window_bits", window: small)
                == "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"
        )
        #expect(
            try self.answer("permessage-deflate; client_max_window_bits=10; server_max_window_bits=9", window: small)
                == "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10"
        )
    }

    @Test func takeoverIsGivenUpWhereTheClientAsks() throws {
        let offer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        #expect(try self.answer(offer) == offer)
        let agreed = try self.agreement(offer, offer).get()
        #expect(!agreed.fromServer.takesOver)
        #expect(!agreed.fromClient.takesOver)
        // Unasked, too (§7.1.1.1, §7.1.1.2).
        #expect(try !self.agreement("permessage-deflate", offer).get().fromServer.takesOver)
        #expect(try !self.agreement("permessage-deflate", offer).get().fromClient.takesOver)
    }

    // MARK: Both sides

    private static let clientWindows: [DeflateParameters.ClientWindow] =
        [.absent, .anySize] + windows.map { .limited($0) }

    private static func parameters(
        _ clientWindows: [DeflateParameters.ClientWindow],
        _ serverWindows: [DeflateWindow]
    ) -> [DeflateParameters] {
        [false, true].flatMap { server in
            [false, true].flatMap { client in
                ([nil] + serverWindows).flatMap { serverWindow in
                    clientWindows.map { clientWindow in
                        var parameters = DeflateParameters()
                        parameters.serverNoContextTakeover = server
                        parameters.clientNoContextTakeover = client
                        parameters.serverMaxWindow = serverWindow
                        parameters.clientMaxWindow = clientWindow
                        return parameters
                    }
                }
            }
        }
    }

    /// Whatever is offered, both sides end up with the same, and no window is larger than either wanted.
    @Test(arguments: windows)
    func ourClientAndOurServerAgree(window: DeflateWindow) throws {
        for offered in Self.parameters(Self.clientWindows, Self.windows) {
            let element = offered.element
            #expect(try DeflateParameters(element, .offer) == offered)
            let (agreement, answer) = try #require(DeflateAgreement.answer(to: [element], window: window))
            let client = try DeflateAgreement(offers: [element], answer: answer)
            #expect(client == agreement, "\(element) -> \(answer)")
            #expect(agreement.fromServer.window <= min(window, offered.serverMaxWindow ?? .largest))
            #expect(agreement.fromServer.takesOver == !offered.serverNoContextTakeover)
            #expect(agreement.fromClient.takesOver == !offered.clientNoContextTakeover)
            switch offered.clientMaxWindow {
            case .absent: #expect(agreement.fromClient.window == .largest)
            case .anySize: #expect(agreement.fromClient.window == window)
            case .limited(let promise): #expect(agreement.fromClient.window == min(promise, window))
            }
        }
    }

    /// Every answer to every offer: taken if and only if §7.1 says that it answers it.
    @Test func aClientTakesWhatAnswersItsOfferAndNothingElse() throws {
        // The least, the most, and one between.
        let windows = Self.windows.filter { [8, 11, 15].contains($0.bits) }
        let limits = windows.map { DeflateParameters.ClientWindow.limited($0) }
        let answers = Self.parameters([.absent] + limits, windows)
        for offered in Self.parameters([.absent, .anySize] + limits, windows) {
            for answered in answers {
                let agreed = try? DeflateAgreement(offers: [offered.element], answer: answered.element)
                let fits =
                    (answered.serverNoContextTakeover || !offered.serverNoContextTakeover)
                    && (answered.serverMaxWindow ?? .largest <= offered.serverMaxWindow ?? .largest)
                    && (answered.serverMaxWindow != nil || offered.serverMaxWindow == nil)
                    && (answered.clientMaxWindow == .absent || offered.clientMaxWindow != .absent)
                guard (agreed != nil) == fits else {
                    Issue.record("\(offered.element) -> \(answered.element): \(agreed as Any)")
                    return
                }
            }
        }
    }

    @Test(arguments: windows)
    func whatOurClientOffersIsTakenByEveryServer(window: DeflateWindow) throws {
        let offers = DeflateAgreement.offers(window: window)
        #expect(offers.count == (window == .largest ? 1 : 2))
        // A server that does not limit its window has to decline the first.
        let unlimited = try self.agreement(offers.map(\.description).joined(separator: ", "), "permessage-deflate")
            .get()
        #expect(unlimited == DeflateAgreement())
        for other in Self.windows {
            let (agreement, answer) = try #require(DeflateAgreement.answer(to: offers, window: other))
            #expect(try DeflateAgreement(offers: offers, answer: answer) == agreement)
            #expect(agreement.fromServer.window == min(window, other))
            #expect(agreement.fromClient.window == other)
        }
    }

    /// Which of two offers an answer answers is not said, so what was promised in either is kept.
    @Test func promisesOfAllFittingOffersAreKept() throws {
        let offers =
            "permessage-deflate; client_max_window_bits=14, permessage-deflate; client_max_window_bits=10, "
            + "permessage-deflate; client_no_context_takeover, permessage-deflate; server_max_window_bits=9"
        let agreed = try self.agreement(offers, "permessage-deflate").get()
        #expect(agreed.fromClient == .init(window: try #require(DeflateWindow(bits: 10)), takesOver: false))
        #expect(agreed.fromServer == .init())
    }

    @Test func eachRoleSendsItsDirectionAndGetsTheOther() {
        let agreement = DeflateAgreement(fromClient: .init(window: .small), fromServer: .init(takesOver: false))
        #expect(agreement.sent(by: .client) == agreement.fromClient)
        #expect(agreement.sent(by: .server) == agreement.fromServer)
        #expect(agreement.received(by: .client) == agreement.fromServer)
        #expect(agreement.received(by: .server) == agreement.fromClient)
    }

    // MARK: In the handshake

    @Test func aServerAnswersOnlyIfItIsToCompress() throws {
        let headers = HeaderFields([
            ("Host", "h"), ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits, strait-half-close"),
        ])
        let plain = try ServerHandshake.answer(method: "GET", httpVersion: (1, 1), headers: headers)
        #expect(plain.headers.values(for: "Sec-WebSocket-Extensions") == ["strait-half-close"])
        #expect(plain.negotiated.compression == nil)
        let compressing = try ServerHandshake.answer(
            method: "GET",
            httpVersion: (1, 1),
            headers: headers,
            compressionWindow: .largest
        )
        #expect(
            compressing.headers.values(for: "Sec-WebSocket-Extensions") == ["strait-half-close, permessage-deflate"]
        )
        #expect(compressing.negotiated.compression == DeflateAgreement())
        #expect(compressing.negotiated.halfClose)
    }

    @Test func aClientFailsForAnAnswerThatDoesNotFit() throws {
        let handshake = ClientHandshake(
            uri: "/",
            host: "h",
            key: try #require(SecWebSocketKey(headerValue: "dGhlIHNhbXBsZSBub25jZQ==")),
            offers: DeflateAgreement.offers(window: .largest)
        )
        func verify(_ extensions: String) -> Result<DeflateAgreement?, HandshakeFailure> {
            let headers = HeaderFields([
                ("Upgrade", "websocket"), ("Connection", "Upgrade"),
                ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), ("Sec-WebSocket-Extensions", extensions),
            ])
            do throws(HandshakeFailure) {
                return .success(try handshake.verify(status: 101, reason: "", headers: headers).compression)
            } catch {
                return .failure(error)
            }
        }
        #expect(verify("") == .success(nil))
        #expect(verify("permessage-deflate") == .success(DeflateAgreement()))
        let bad = ExtensionOffer("permessage-deflate", [.init("server_max_window_bits", "7")])
        #expect(
            verify("permessage-deflate; server_max_window_bits=7")
                == .failure(.compression(bad, .value("server_max_window_bits", "7")))
        )
        #expect(
            verify("permessage-deflate, permessage-deflate")
                == .failure(.extensionRepeated(.init("permessage-deflate")))
        )
    }
}
