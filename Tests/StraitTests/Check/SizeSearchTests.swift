// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("The search for the largest message that passes")
struct SizeSearchTests {
    /// What is tried on a peer that takes messages up to `limit`.
    private static func tries(upTo largest: Int, limit: Int, saying why: String = "") -> ([Int], SizeSearch) {
        var search = SizeSearch(upTo: largest)
        var tries: [Int] = []
        while let size = search.next, tries.count < 100 {
            tries.append(size)
            if size <= limit { search.pass(size) } else { search.refuse(size, saying: why) }
        }
        return (tries, search)
    }

    @Test(
        arguments: [
            (0, []), (1, [1]), (1023, [1023]), (1024, [1024]), (1025, [1024, 1025]), (4096, [1024, 4096]),
            (1 << 20, [1024, 4096, 16384, 65536, 262_144, 1 << 20]),
        ] as [(Int, [Int])]
    )
    func sizesGrowToTheLargest(largest: Int, sizes: [Int]) {
        #expect(Self.tries(upTo: largest, limit: .max).0 == sizes)
    }

    @Test func whatLiesBetweenIsHalved() {
        let tries = Self.tries(upTo: 1 << 20, limit: 70_000).0.map { $0 >> 10 }
        #expect(tries == [1, 4, 16, 64, 256, 128, 96, 80, 72, 68])
    }

    @Test(arguments: Array(stride(from: 1, to: 1 << 20, by: 3331)))
    func aSixteenthIsLeft(limit: Int) throws {
        let (tries, search) = Self.tries(upTo: 1 << 20, limit: limit)
        let refused = try #require(search.refused)
        #expect(search.passed <= limit && limit < refused)
        #expect(refused - search.passed <= max(search.passed / 16, 1))
        #expect(tries.count <= 6 + 10)
    }

    @Test(arguments: [1, 1000, 65_535, 65_536, 65_537, 100_000, 1_000_000])
    func aLimitThatIsSaidIsFoundExactly(limit: Int) {
        let why = "1009 (message too big): frame with 262144 bytes exceeds limit of \(limit) bytes, error 12"
        let (tries, search) = Self.tries(upTo: 1 << 20, limit: limit, saying: why)
        #expect(search.passed == limit)
        #expect(search.refused == limit + 1)
        #expect(tries.count <= 6 + 4)
    }

    @Test func numbersThatAreNoLimitDoNoHarm() throws {
        let (_, search) = Self.tries(upTo: 1 << 20, limit: 100_000, saying: "200000 of 99999999999999999999, 0, 70000")
        let refused = try #require(search.refused)
        #expect(search.passed <= 100_000 && 100_000 < refused)
        #expect(refused - search.passed <= search.passed / 4)
    }
}
