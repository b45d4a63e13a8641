// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What the parser of the command line says is wrong, as one line that says what would be right.
struct UsageMessage: CustomStringConvertible {
    let description: String

    /// What the values of options look like, by the names that help gives them.
    private static let forms = [
        "time": "use 500ms, 30s, 5m or 1h; a plain number means seconds",
        "size": "use 16k, 4m or 1g; a plain number means bytes",
        "NAME: VALUE": "use 'NAME: VALUE', 'NAME:' for none of that name, 'NAME;' for an empty one, or @FILE",
        "number": "use a whole number",
    ]

    /// - Parameter text: such as `The value '5x' is invalid for '--linger <time>'`, of one or more lines.
    init(_ text: String) {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        guard line.hasSuffix(">'"), let start = line.lastIndex(of: "<") else {
            self.description = line
            return
        }
        let name = line[line.index(after: start)...].dropLast(2)
        self.description = Self.forms[String(name)].map { "\(line): \($0)" } ?? line
    }
}
