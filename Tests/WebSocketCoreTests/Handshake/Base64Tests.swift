// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketCore

@Suite("Base64, RFC 4648 §4, §10")
struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"), ("user:p\u{E4}ss", "dXNlcjpww6Rzcw=="),
    ])
    func knownTexts(clear: String, encoded: String) {
        #expect(Base64.encode(clear.utf8) == encoded)
        #expect(Base64.decode(encoded) == Array(clear.utf8))
    }

    @Test func randomBytesComeBack() {
        var generator = SeededGenerator(seed: 4648)
        for count in 0..<200 {
            let bytes = generator.bytes(count)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Z===", "====", "Zm9v=Zm9", "Zm9\n", "Zm-_", "Zg==Zg==", "\u{E4}\u{E4}"])
    func othersAreRefused(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
