// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import WebSocketCore

@Suite("Masking, RFC 6455 §5.3")
struct MaskingTests {
    private static let key = MaskKey(littleEndian: 0x78_56_34_12)

    @Test func keyBytesStandInMemoryOrder() {
        let word: UInt32 = 0xA1B2_C3D4
        let inMemory = withUnsafeBytes(of: word) { Array($0) }
        let bytes = MaskKey(word).bytes
        #expect([bytes.0, bytes.1, bytes.2, bytes.3] == inMemory)
    }

    @Test func rotatedKeyGoesOnWhereItsOffsetIs() {
        for offset in 0...9 {
            for index in 0..<8 {
                #expect(Self.key.rotated(by: offset)[index] == Self.key[offset + index])
            }
        }
    }

    @Test(arguments: 0..<8)
    func equalsTheNaiveLoopAtEveryLengthAndAlignment(offset: Int) {
        var generator = SeededGenerator(seed: UInt64(offset))
        let clear = generator.bytes(300)
        let masked = ByteBuffer(bytes: clear.enumerated().map { $1 ^ Self.key[offset + $0] })
        let untouched = ByteBuffer(repeating: 0xEE, count: 400)
        let source = UnsafeMutableRawBufferPointer.allocate(byteCount: 400, alignment: 64)
        let target = UnsafeMutableRawBufferPointer.allocate(byteCount: 400, alignment: 64)
        defer {
            source.deallocate()
            target.deallocate()
        }
        /// Whether `target` holds the start of `expected` at `place`, and nothing else has changed.
        func targetHolds(_ expected: ByteBuffer, at place: Int, length: Int) -> Bool {
            let room = ByteBuffer(bytes: UnsafeRawBufferPointer(target))
            let end = place + length
            return room.getSlice(at: place, length: length) == expected.getSlice(at: 0, length: length)
                && room.getSlice(at: 0, length: place) == untouched.getSlice(at: 0, length: place)
                && room.getSlice(at: end, length: 400 - end) == untouched.getSlice(at: 0, length: 400 - end)
        }

        var wrong: [String] = []
        for place in 0..<16 {
            let sourcePlace = 15 - place
            UnsafeMutableRawBufferPointer(rebasing: source[sourcePlace...]).copyBytes(from: clear)
            for length in 0...300 {
                target.initializeMemory(as: UInt8.self, repeating: 0xEE)
                let bytes = UnsafeMutableRawBufferPointer(rebasing: target[place..<place + length])
                let clearBytes = UnsafeRawBufferPointer(rebasing: source[sourcePlace..<sourcePlace + length])
                Masking.copy(from: clearBytes, to: bytes, key: Self.key, offset: offset)
                let isMasked = targetHolds(masked, at: place, length: length)
                Masking.apply(Self.key, offset: offset, to: bytes)
                let isClear = targetHolds(ByteBuffer(bytes: clear), at: place, length: length)
                if !isMasked || !isClear { wrong.append("length \(length) at \(place)") }
            }
        }
        #expect(wrong == [])
    }

    @Test func copiesNoMoreThanTheShorterSide() {
        var target: [UInt8] = [9, 9, 9, 9]
        target.withUnsafeMutableBytes { target in
            [1, 2].withUnsafeBytes { Masking.copy(from: .init(rebasing: $0[..<2]), to: target, key: MaskKey(0)) }
        }
        #expect(target == [1, 0, 9, 9])
        target.withUnsafeMutableBytes { target in
            [UInt8](repeating: 7, count: 9).withUnsafeBytes { Masking.copy(from: $0, to: target, key: MaskKey(0)) }
        }
        #expect(target == [7, 7, 7, 7])
    }

    @Test func appendsToABufferAndKeepsWhatWasThere() {
        var out = buffer("ab")
        let count = out.writeMasked(buffer([0, 0, 0, 0, 0]), key: Self.key)
        #expect(count == 5)
        #expect(out.array == [0x61, 0x62, 0x12, 0x34, 0x56, 0x78, 0x12])
        #expect(out.writeMasked(ByteBuffer(), key: Self.key) == 0)
        #expect(out.readableBytes == 7)
    }

    @Test func maskingInPlaceLeavesOtherSlicesAlone() {
        var all = buffer([1, 2, 3, 4, 5, 6])
        var slice = all.getSlice(at: 1, length: 3) ?? ByteBuffer()
        slice.mask(with: Self.key)
        #expect(slice.array == [0x10, 0x37, 0x52])
        #expect(all.array == [1, 2, 3, 4, 5, 6])
        all.clear()
        all.mask(with: Self.key)
        #expect(all.readableBytes == 0)
    }
}
