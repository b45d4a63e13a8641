// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketCore

@Suite("SHA-1, RFC 3174 §7.3")
struct SHA1Tests {
    private func hex(_ message: some Collection<UInt8>) -> String {
        SHA1.digest(message).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    ])
    func knownDigests(message: String, digest: String) {
        #expect(self.hex(message.utf8) == digest)
    }

    @Test func paddingGoesIntoAnotherBlockFrom56Bytes() {
        #expect(self.hex([UInt8](repeating: 0x61, count: 55)) == "c1c8bbdc22796e28c0e15163d20899b65621d65a")
        #expect(self.hex([UInt8](repeating: 0x61, count: 56)) == "c2db330f6083854c99d4b5bfb6e8f29f201be699")
        #expect(self.hex([UInt8](repeating: 0x61, count: 64)) == "0098ba824b5c16427bd7a1122a5a442a25ec644d")
        let tenfold = Array(String(repeating: "01234567", count: 80).utf8)
        #expect(self.hex(tenfold) == "dea356a2cddd90c7a7ecedc5ebb563934f460452")
    }
}
