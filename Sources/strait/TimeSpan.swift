// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RelayCore

/// A time on the command line: `500ms`, `30s`, `5m`, `1h`; a plain number means seconds, as with curl.
struct TimeSpan: ExpressibleByArgument {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        let units: [(suffix: String, milliseconds: Double)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000),
        ]
        guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }),
            let number = Double(argument.dropLast(unit.suffix.count)),
            number * unit.milliseconds <= Self.longest,
            // Zero has a meaning of its own, so nothing is rounded to it.
            number == 0 || number * unit.milliseconds >= 1,
            argument.utf8.first != UInt8(ascii: "."),
            argument.dropLast(unit.suffix.count).utf8.allSatisfy({ $0 >= 48 && $0 <= 57 || $0 == UInt8(ascii: ".") })
        else { return nil }
        self.duration = .milliseconds(Int64(number * unit.milliseconds))
    }

    var defaultValueDescription: String { self.duration.shortDescription }

    /// A year, in milliseconds.
    private static let longest = 365.0 * 24 * 3_600_000
}
