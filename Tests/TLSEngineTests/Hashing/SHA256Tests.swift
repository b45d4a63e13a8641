// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import TLSEngine

@Suite("SHA-256")
struct SHA256Tests {
    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func theHashIsThatOfFIPS180(text: String, hash: String) {
        #expect(Self.hex(SHA256.hash(Array(text.utf8))) == hash)
    }

    @Test
    func theCodeIsThatOfRFC4231() {
        let code = SHA256.authenticate(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(Self.hex(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test
    func valuesAreTheSameOnlyWhole() {
        #expect(SHA256.isSame([1, 2, 3], [1, 2, 3]))
        #expect(SHA256.isSame([], []))
        for other: [UInt8] in [[1, 2], [1, 2, 3, 4], [1, 2, 4], [0, 2, 3], []] {
            #expect(!SHA256.isSame([1, 2, 3], other))
        }
    }
}
