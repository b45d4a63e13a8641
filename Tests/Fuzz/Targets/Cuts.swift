// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Ways in which a stream may arrive: whole; byte by byte, unless that takes long; and in pieces whose lengths follow
/// from the bytes, so that an input always does the same.
func cuts(of bytes: [UInt8]) -> [[ByteBuffer]] {
    var generator = SplitMix(seed: bytes.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
    var cuts = [[ByteBuffer(bytes: bytes)]]
    if bytes.count <= 256 { cuts.append(bytes.map { ByteBuffer(bytes: CollectionOfOne($0)) }) }
    var pieces: [ByteBuffer] = []
    var rest = bytes[...]
    let longest = max([3, 17, 150, 5000].randomElement(using: &generator) ?? 1, bytes.count / 100)
    while !rest.isEmpty {
        let length = min(rest.count, Int.random(in: 1...longest, using: &generator))
        pieces.append(ByteBuffer(bytes: rest.prefix(length)))
        rest = rest.dropFirst(length)
    }
    return cuts + [pieces]
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
