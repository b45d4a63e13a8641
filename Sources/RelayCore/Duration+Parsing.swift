// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Takes `500ms`, `30s`, `5m`, `1h`; a plain number means seconds, as with curl. Nothing over a year.
    public init?(text: String) {
        let units: [(suffix: String, milliseconds: Double)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000),
        ]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }),
            let number = Double(text.dropLast(unit.suffix.count)),
            number * unit.milliseconds <= Self.longestText,
            // Zero has a meaning of its own, so nothing is rounded to it.
            number == 0 || number * unit.milliseconds >= 1,
            text.utf8.first != UInt8(ascii: "."),
            text.dropLast(unit.suffix.count).utf8.allSatisfy({ $0 >= 48 && $0 <= 57 || $0 == UInt8(ascii: ".") })
        else { return nil }
        self = .milliseconds(Int64(number * unit.milliseconds))
    }

    /// A year, in milliseconds.
    private static let longestText = 365.0 * 24 * 3_600_000
}
