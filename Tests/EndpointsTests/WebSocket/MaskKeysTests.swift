// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Mask keys, RFC 6455 §5.3")
struct MaskKeysTests {
    private static func words(_ count: Int) -> [UInt32] {
        var keys = MaskKeys()
        return (0..<count).map { _ in
            let (a, b, c, d) = keys.next().bytes
            return [a, b, c, d].reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    /// Of 5,000 random words, 3 pairs or more are equal in one of 10^8 runs.
    @Test func keysDiffer() {
        #expect(Set(Self.words(5_000)).count >= 4_998)
    }

    @Test func keysOfTwoConnectionsDiffer() {
        #expect(Set(Self.words(2_500) + Self.words(2_500)).count >= 4_998)
    }

    @Test func everyBitIsSetInHalfOfTheKeys() {
        let words = Self.words(4_096)
        for bit in 0..<32 {
            // Eight standard deviations of 32.
            #expect((1_792...2_304).contains(words.count { $0 >> bit & 1 == 1 }))
        }
    }
}
