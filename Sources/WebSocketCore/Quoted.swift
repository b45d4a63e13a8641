// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A peer's text for a log or a terminal: in quotes, cut, and without characters that could act on either.
func quoted(_ text: String) -> String {
    "\"\(printable(text))\""
}

/// A peer's text for a log or a terminal: cut, and without characters that could act on either.
func printable(_ text: String) -> String {
    var result = ""
    for (index, scalar) in text.unicodeScalars.enumerated() {
        guard index < printableLimit else { return result + "…" }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            result += "\\u{\(String(scalar.value, radix: 16))}"
        default:
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}

private let printableLimit = 100
