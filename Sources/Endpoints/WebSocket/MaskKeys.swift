// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import WebSocketCore

/// Fresh mask keys from the system's random source, many at a time (RFC 6455 §5.3, getentropy(3)).
struct MaskKeys {
    private var words: [UInt32] = []
    /// 256 bytes are the most that getentropy gives at once.
    private static let batch = 64

    /// A key that was never given out before.
    mutating func next() -> MaskKey {
        if self.words.isEmpty { self.words = Self.randomWords() }
        return MaskKey(self.words.popLast() ?? UInt32.random(in: .min ... .max))
    }

    private static func randomWords() -> [UInt32] {
        [UInt32](unsafeUninitializedCapacity: Self.batch) { words, count in
            guard let address = words.baseAddress else { return }
            let result = getentropy(address, Self.batch * MemoryLayout<UInt32>.size)
            // On failure the caller asks Swift's generator, which is the system's as well.
            count = result == 0 ? Self.batch : 0
        }
    }
}
