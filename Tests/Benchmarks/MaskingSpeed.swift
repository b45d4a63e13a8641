// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Prints how many GB are masked in a second, in place, in a chunk that stays in cache.
@main
enum MaskingSpeed {
    private static let chunkBytes = 64 * 1024
    private static let passes = 50_000

    static func main() {
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkBytes, alignment: 64)
        defer { chunk.deallocate() }
        chunk.initializeMemory(as: UInt8.self, repeating: 0)
        let key = MaskKey(.random(in: .min ... .max))
        let time = ContinuousClock().measure {
            for pass in 0..<Self.passes {
                Masking.apply(key, offset: pass, to: chunk)
            }
        }
        print(Double(Self.chunkBytes * Self.passes) / 1e9 / (time / .seconds(1)))
    }
}
