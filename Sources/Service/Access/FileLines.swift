// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The lines of a file of users or tokens: without comments, empty ones and white space at their ends.
struct FileLines {
    let lines: [(number: Int, text: String)]

    /// - Throws: `LineError` where it is not UTF-8 or has control characters.
    init(_ bytes: [UInt8]) throws(LineError) {
        var lines: [(number: Int, text: String)] = []
        let parts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            var trimmed = part[...]
            while let last = trimmed.last, Self.isBlank(last) { trimmed = trimmed.dropLast() }
            while let first = trimmed.first, Self.isBlank(first) { trimmed = trimmed.dropFirst() }
            guard let text = String(validating: trimmed, as: UTF8.self), !trimmed.contains(where: Self.isControl) else {
                throw LineError(line: index + 1, problem: "not UTF-8 text", expected: "check the file")
            }
            if !text.isEmpty, !text.hasPrefix("#") { lines.append((number: index + 1, text: text)) }
        }
        self.lines = lines
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 0x09 || byte == 0x7F }
}
