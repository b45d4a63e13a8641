// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A date of a header field: in the forms of HTTP (RFC 9110 §5.6.7) and of cookies, read as RFC 6265 §5.1.1 has it.
struct HTTPDate: Hashable, Sendable {
    let secondsSince1970: Int

    /// Words that say nothing of time, day, month or year are skipped.
    init?(_ text: String) {
        var time: (hour: Int, minute: Int, second: Int)?
        var (day, month, year): (Int?, Int?, Int?)
        for word in text.split(whereSeparator: Self.isDelimiter) {
            if time == nil, let found = Self.time(word) {
                time = found
            } else if day == nil, let number = Self.number(word, digits: 1...2) {
                day = number
            } else if month == nil, let found = Self.month(word) {
                month = found
            } else if year == nil, let number = Self.number(word, digits: 2...4) {
                year = number
            }
        }
        guard let time, let day, let month, let year = year.map(Self.wholeYear) else { return nil }
        guard (1...31).contains(day), year >= 1601, time.hour < 24, time.minute < 60, time.second < 61 else {
            return nil
        }
        let days = Self.daysSince1970(year: year, month: month, day: day)
        self.secondsSince1970 = ((days * 24 + time.hour) * 60 + time.minute) * 60 + time.second
    }

    private static func isDelimiter(_ character: Character) -> Bool {
        !character.isLetter && !character.isNumber && character != ":"
    }

    /// `hh:mm:ss`.
    private static func time(_ word: Substring) -> (hour: Int, minute: Int, second: Int)? {
        let parts = word.split(separator: ":", omittingEmptySubsequences: false).map { Self.number($0, digits: 1...2) }
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2] else { return nil }
        return (hour, minute, second)
    }

    private static func number(_ word: Substring, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(word.utf8.count), word.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(word)
    }

    private static func month(_ word: Substring) -> Int? {
        Self.months.firstIndex(of: word.prefix(3).lowercased()).map { $0 + 1 }
    }

    private static func wholeYear(_ year: Int) -> Int {
        switch year {
        case ..<70: year + 2000
        case ..<100: year + 1900
        default: year
        }
    }

    /// In the Gregorian calendar. The year begins in March, so that a leap day is its last.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - Self.daysTo1970
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    /// From the first of March of the year 0.
    private static let daysTo1970 = 719_468
}
