// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// An error's line in two: what is wrong, and, from its brackets at the end, what to do.
struct Advice: Equatable {
    let reason: String
    let advice: String?

    init(_ line: String) {
        guard line.last == ")", let open = Self.openingBracket(of: line), line[..<open].last == " " else {
            self.reason = line
            self.advice = nil
            return
        }
        self.reason = String(line[..<open].dropLast())
        self.advice = String(line[line.index(after: open)...].dropLast())
    }

    /// Where the bracket begins that the last character closes.
    private static func openingBracket(of line: String) -> String.Index? {
        var depth = 0
        for index in line.indices.reversed() {
            switch line[index] {
            case ")": depth += 1
            case "(":
                depth -= 1
                if depth == 0 { return index }
            case _: continue
            }
        }
        return nil
    }
}
