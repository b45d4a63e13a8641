// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketCore

@Suite("Sec-WebSocket-Extensions, RFC 6455 §9.1")
struct ExtensionOfferTests {
    private func parse(_ values: String...) -> Result<[ExtensionOffer], ExtensionSyntaxError> {
        do throws(ExtensionSyntaxError) {
            return .success(try ExtensionOffer.parse(values))
        } catch {
            return .failure(error)
        }
    }

    @Test func theRFCsExamplesAreRead() {
        let bar = ExtensionOffer("bar", [.init("baz", "2")])
        #expect(self.parse("foo", "bar; baz=2") == .success([ExtensionOffer("foo"), bar]))
        #expect(self.parse("foo, bar; baz=2") == .success([ExtensionOffer("foo"), bar]))
        #expect(
            self.parse("deflate-stream", "mux; max-channels=4; flow-control, deflate-stream", "private-extension")
                == .success([
                    ExtensionOffer("deflate-stream"),
                    ExtensionOffer("mux", [.init("max-channels", "4"), .init("flow-control")]),
                    ExtensionOffer("deflate-stream"),
                    ExtensionOffer("private-extension"),
                ])
        )
    }

    @Test func whiteSpaceAndEmptyElementsDoNotCount() {
        let offer = ExtensionOffer("a", [.init("b", "1"), .init("c")])
        #expect(self.parse("a;b=1;c") == .success([offer]))
        #expect(self.parse(" \ta ; b = 1\t; c ,") == .success([offer]))
        #expect(self.parse(",, a;b=1;c , ,a;b=1;c") == .success([offer, offer]))
        #expect(self.parse("", " ", ",") == .success([]))
        #expect(self.parse() == .success([]))
    }

    @Test func quotedValuesAreTokensInDisguise() {
        #expect(self.parse("a; b=\"10\"") == .success([ExtensionOffer("a", [.init("b", "10")])]))
        #expect(self.parse("a; b=\"1\\0\" ; c") == .success([ExtensionOffer("a", [.init("b", "10"), .init("c")])]))
    }

    @Test(arguments: [
        (";", ExtensionSyntaxError.Kind.tokenExpected), ("a;", .tokenExpected), ("a; =1", .tokenExpected),
        ("a; b=", .tokenExpected), ("a; b=,c", .tokenExpected), ("a b", .unexpectedCharacter),
        ("a=b", .unexpectedCharacter), ("a; b=c d", .unexpectedCharacter), ("a; b=\"c", .unterminatedQuote),
        ("a; b=\"c\\", .unterminatedQuote), ("a; b=\"\"", .quotedValueNotToken), ("a; b=\"x y\"", .quotedValueNotToken),
        ("a; b=\" x\"", .quotedValueNotToken), ("\u{E4}", .tokenExpected), ("a; b=\"c\"d", .unexpectedCharacter),
        ("(", .tokenExpected), ("a\u{0}", .unexpectedCharacter),
    ])
    func garbageIsRefused(value: String, kind: ExtensionSyntaxError.Kind) {
        switch self.parse("fine", value) {
        case .success(let offers): Issue.record("read as \(offers)")
        case .failure(let error):
            #expect(error.kind == kind)
            #expect(error.value == value)
            #expect(error.offset <= value.utf8.count)
        }
    }

    @Test func whatIsWrittenIsReadBack() {
        let offers = [
            ExtensionOffer.halfClose,
            ExtensionOffer(
                "permessage-deflate",
                [.init("client_max_window_bits"), .init("server_max_window_bits", "10")]
            ),
        ]
        #expect(offers[0].description == "strait-half-close")
        #expect(offers[1].description == "permessage-deflate; client_max_window_bits; server_max_window_bits=10")
        #expect(self.parse(offers.map(\.description).joined(separator: ", ")) == .success(offers))
    }

    @Test func randomTextNeverTraps() {
        var generator = SeededGenerator(seed: 9)
        let alphabet = Array("ab;;,,==\"\"\\ \t\u{E4}")
        for _ in 0..<5000 {
            let text = String((0..<12).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
            if case .success(let offers) = self.parse(text) {
                #expect(self.parse(offers.map(\.description).joined(separator: ",")) == .success(offers))
            }
        }
    }
}
