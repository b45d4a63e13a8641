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
            number >= 0, number * unit.milliseconds <= Self.longest,
            argument.utf8.first.map({ $0 >= 48 && $0 <= 57 }) == true
        else { return nil }
        self.duration = .milliseconds(Int64(number * unit.milliseconds))
    }

    var defaultValueDescription: String { self.duration.shortDescription }

    /// A year, in milliseconds.
    private static let longest = 365.0 * 24 * 3_600_000
}
