// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A peer's text for a log or a terminal: in quotes, cut, and without characters that could act on either.
func quoted(_ text: some StringProtocol) -> String {
    var result = "\""
    for scalar in text.unicodeScalars.prefix(quotedLimit) {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            result += "\\u{\(String(scalar.value, radix: 16))}"
        default:
            result.unicodeScalars.append(scalar)
        }
    }
    return result + (text.unicodeScalars.count > quotedLimit ? "…\"" : "\"")
}

private let quotedLimit = 100
