// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The character classes of HTTP (RFC 9110 §5.6).
extension UInt8 {
    /// A character of a `token`.
    var isTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }

    /// Optional white space: `OWS`.
    var isWhiteSpace: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    /// The lower case of an ASCII letter; any other byte as it is.
    var lowercase: UInt8 {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): self | 0x20
        default: self
        }
    }
}

extension StringProtocol {
    /// Whether the texts are the same but for the case of ASCII letters, as field names and most tokens are compared.
    func isSameIgnoringCase(as other: some StringProtocol) -> Bool {
        self.utf8.count == other.utf8.count && zip(self.utf8, other.utf8).allSatisfy { $0.lowercase == $1.lowercase }
    }
}
