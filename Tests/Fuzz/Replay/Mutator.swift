// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Makes inputs out of others, the same in every run with the same seed.
struct Mutator {
    private var generator: SplitMix
    private let inputs: [[UInt8]]

    /// Bytes at which parsers turn: ends of ranges, separators, line ends, first bytes of frames and records.
    private static let telling: [UInt8] =
        [0, 1, 2, 0x7D, 0x7E, 0x7F, 0x80, 0x81, 0x82, 0x88, 0x89, 0xC0, 0xED, 0xF0, 0xFE, 0xFF, 20, 21, 22, 23]
        + Array("\r\n\t :;,=\"\\%/?#@[]".utf8)

    /// - Parameter inputs: at least one.
    init(seed: UInt64, inputs: [[UInt8]]) {
        self.generator = SplitMix(seed: seed)
        self.inputs = inputs
    }

    /// The next input, of at most `limit` bytes.
    mutating func next(limit: Int) -> [UInt8] {
        var bytes = self.input()
        for _ in 0..<(1 << Int.random(in: 0...4, using: &self.generator)) { self.mutate(&bytes) }
        return Array(bytes.prefix(limit))
    }

    private mutating func input() -> [UInt8] {
        self.inputs[Int.random(in: 0..<self.inputs.count, using: &self.generator)]
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0...bytes.count, using: &self.generator)
        let length = min(bytes.count - place, Int.random(in: 0...20, using: &self.generator))
        switch Int.random(in: 0..<7, using: &self.generator) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self.generator)
        case 1 where place < bytes.count: bytes[place] = .random(in: 0...255, using: &self.generator)
        case 2: bytes.insert(Self.telling.randomElement(using: &self.generator) ?? 0, at: place)
        case 3: bytes.removeSubrange(place..<place + length)
        case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
        case 5: bytes = bytes[..<place] + self.input().suffix(bytes.count - place)
        case 6: bytes = bytes[..<place] + self.input()
        default: break
        }
    }
}
