// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// `text` with everything but printable ASCII escaped, for text that a peer or a file made up: a terminal obeys control
/// characters, and some letters reverse the line.
func printable(_ text: String) -> String {
    guard !text.unicodeScalars.allSatisfy(isPrintableASCII) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        if isPrintableASCII(scalar) {
            result.unicodeScalars.append(scalar)
        } else {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
    return result
}

private func isPrintableASCII(_ scalar: Unicode.Scalar) -> Bool {
    (0x20...0x7E).contains(scalar.value)
}
