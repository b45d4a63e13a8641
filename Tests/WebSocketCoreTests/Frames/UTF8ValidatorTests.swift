// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketCore

@Suite("UTF-8, RFC 3629")
struct UTF8ValidatorTests {
    /// Bad texts and where the first byte stands that no valid text can have there.
    private static let bad: [([UInt8], Int)] = [
        ([0x80], 0), ([0xBF], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xF5, 0x80, 0x80, 0x80], 0), ([0xFE], 0),
        ([0xFF], 0), ([0xC2, 0x20], 1), ([0xC2, 0xC2], 1), ([0xE0, 0x9F, 0xBF], 1), ([0xE0, 0x80, 0x80], 1),
        ([0xED, 0xA0, 0x80], 1), ([0xED, 0xBF, 0xBF], 1), ([0xE1, 0x80, 0x7F], 2), ([0xEF, 0xBF, 0xC0], 2),
        ([0xF0, 0x8F, 0xBF, 0xBF], 1), ([0xF4, 0x90, 0x80, 0x80], 1), ([0xF0, 0x90, 0x80, 0x20], 3),
        ([0xF3, 0xBF, 0xFF, 0x80], 2), ([0xF8, 0x88, 0x80, 0x80, 0x80], 0), ([0x61, 0xC3], 2),
        (Array("κόσμε".utf8) + [0xED, 0xA0, 0x80, 0x65], 11),
    ].map { bytes, place in (bytes + [0x41], place) }
    private static let good: [[UInt8]] = [
        [], [0x00], [0x7F], [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80],
        [0xEF, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF],
        Array("Hello-µ@ßöäüàá-UTF-8!! 🂡 κόσμε".utf8),
    ]

    private func consume(_ pieces: [ArraySlice<UInt8>]) -> (isValid: Bool, isComplete: Bool) {
        var validator = UTF8Validator()
        let isValid = pieces.map { piece in piece.withUnsafeBytes { validator.consume($0) } }.allSatisfy { $0 }
        return (isValid, validator.isComplete)
    }

    @Test(arguments: bad, [0, 1, 7, 8, 9, 64])
    func failsAtTheFirstBadByteAtEverySplit(bad: ([UInt8], Int), prefix: Int) {
        let bytes = [UInt8](repeating: 0x61, count: prefix) + bad.0
        let place = prefix + bad.1
        #expect(self.consume([bytes[..<place]]).isValid)
        #expect(!self.consume([bytes[...place]]).isValid)
        for split in bytes.indices {
            let result = self.consume([bytes[..<split], bytes[split...], []])
            #expect(!result.isValid)
            #expect(!result.isComplete)
        }
    }

    @Test func whatFollowsABadByteIsBadEvenIfEmpty() {
        var validator = UTF8Validator()
        let pieces: [[UInt8]] = [[], [0xFF], [], [0x61]]
        let areValid = pieces.map { piece in piece.withUnsafeBytes { validator.consume($0) } }
        #expect(areValid == [true, false, false, false])
    }

    @Test(arguments: good, [0, 1, 7, 8, 9, 64])
    func takesValidTextAtEverySplit(good: [UInt8], prefix: Int) {
        let bytes = [UInt8](repeating: 0x61, count: prefix) + good
        for split in 0...bytes.count {
            #expect(self.consume([bytes[..<split], bytes[split...]]) == (true, true))
        }
        #expect(self.consume(bytes.indices.map { bytes[$0...$0] }) == (true, true))
    }

    @Test func isCompleteOnlyBetweenCharacters() {
        let text = Array("aµ漢🂡".utf8)
        let boundaries: Set = [0, 1, 3, 6, 10]
        for count in 0...text.count {
            let result = self.consume([text[..<count]])
            #expect(result.isValid)
            #expect(result.isComplete == boundaries.contains(count))
        }
    }

    @Test func agreesWithTheStandardLibraryOnRandomBytes() {
        var generator = SeededGenerator(seed: 3629)
        let alphabet: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5,
        ]
        var wrong: [[UInt8]] = []
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            let result = self.consume([bytes[...]])
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            if (result.isValid && result.isComplete) != isValid { wrong.append(bytes) }
        }
        #expect(wrong == [])
    }
}
