// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A frame as bytes, right or wrong: nothing keeps its fields from breaking RFC 6455 §5.2.
struct WireFrame: Hashable {
    /// How the length is written.
    enum LengthForm: Hashable, CaseIterable {
        case shortest
        case twoBytes
        case eightBytes
        /// With the top bit, which must be 0.
        case eightBytesOver63Bits
    }

    var opcode: UInt8
    var isFinal: Bool
    var reservedBits: UInt8
    var isMasked: Bool
    var lengthForm = LengthForm.shortest
    /// What is there of the payload, clear.
    var payload: [UInt8]
    /// How many bytes of the payload are still to come.
    var missing = 0

    var length: Int { self.payload.count + self.missing }
    var isControl: Bool { self.opcode & 0x8 != 0 }
    /// The length does not fit the second byte.
    var hasLongLength: Bool { self.lengthForm != .shortest || self.length > 125 }

    var header: [UInt8] {
        let first = (self.isFinal ? 0x80 : 0) | self.reservedBits << 4 | self.opcode
        let maskBit: UInt8 = self.isMasked ? 0x80 : 0
        let low = [UInt8(self.length >> 8), UInt8(self.length & 0xFF)]
        let length: [UInt8] =
            switch self.lengthForm {
            case .shortest: self.hasLongLength ? [126] + low : [UInt8(self.length)]
            case .twoBytes: [126] + low
            case .eightBytes: [127, 0, 0, 0, 0, 0, 0] + low
            case .eightBytesOver63Bits: [127, 0x80, 0, 0, 0, 0, 0] + low
            }
        return [first, maskBit | length[0]] + length.dropFirst() + (self.isMasked ? Self.key : [])
    }

    var bytes: [UInt8] {
        self.header + self.payload.indices.map { self.onWire(self.payload[$0], at: $0) }
    }

    /// The payload's byte at `index`, masked if the frame is.
    func onWire(_ byte: UInt8, at index: Int) -> UInt8 {
        self.isMasked ? byte ^ Self.key[index % 4] : byte
    }

    private static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
}
