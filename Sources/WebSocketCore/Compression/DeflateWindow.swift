// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How far back a compressor may refer: the window of 2^`bits` bytes (RFC 7692 §7.1.2).
public struct DeflateWindow: Hashable, Comparable, Sendable {
    /// The window's size as a power of 2: 8 to 15.
    public let bits: Int

    /// The window of this size; `nil` outside of 8 to 15.
    public init?(bits: Int) {
        guard Self.sizes.contains(bits) else { return nil }
        self.bits = bits
    }

    private init(checked bits: Int) {
        self.bits = bits
    }

    /// Reads a parameter's value: a decimal number without leading zeros.
    init?(parameter value: String) {
        guard let bits = Self.sizes.first(where: { "\($0)" == value }) else { return nil }
        self.bits = bits
    }

    /// The largest one, 32 KiB; it stands wherever nothing is said.
    public static let largest = DeflateWindow(checked: 15)
    /// 4 KiB, for which both sides of a link together take some 45 KiB. On text it leaves a quarter more bytes than
    /// ``largest``, which takes 300 KiB.
    public static let small = DeflateWindow(checked: 12)

    private static let sizes = 8...15

    /// Whether `one` reaches back less far.
    public static func < (one: DeflateWindow, other: DeflateWindow) -> Bool {
        one.bits < other.bits
    }
}
