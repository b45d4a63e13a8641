// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import WebSocketCore

#if canImport(Glibc)
import Glibc
#endif

/// Fresh mask keys from the system's random source, a page at a time (RFC 6455 §5.3, getrandom(2)).
struct MaskKeys {
    private var words: [UInt32] = []
    private static let batch = 256

    /// A key that was never given out before.
    mutating func next() -> MaskKey {
        if let word = self.words.popLast() { return MaskKey(word) }
        self.words = Self.randomWords()
        return MaskKey(self.words.popLast() ?? UInt32.random(in: .min ... .max))
    }

    private static func randomWords() -> [UInt32] {
        [UInt32](unsafeUninitializedCapacity: Self.batch) { words, count in
            // 256 bytes and less are never cut short; more may be by a signal, then the filled part counts.
            let filled = getrandom(words.baseAddress, Self.batch * MemoryLayout<UInt32>.size, 0)
            count = max(0, filled) / MemoryLayout<UInt32>.size
        }
    }
}
