// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Why a request's target is refused before any route is looked for.
enum RequestPathError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Neither a path nor a URL.
    case notAbsolute
    /// A byte that belongs into no path.
    case character
    /// `//`.
    case emptySegment
    /// `.` or `..`.
    case dots
    /// A `%` without two hexadecimal digits, or bytes that are not UTF-8.
    case encoding
    /// An encoded slash, backslash, percent sign or control character.
    case encodedDelimiter
    /// An encoded letter, digit or dot.
    case needlessEncoding

    /// As the client and the log are told; nothing of the path is repeated.
    var description: String {
        switch self {
        case .notAbsolute: "the request's target is no path"
        case .character: "the path has a character that no path has; percent-encode it"
        case .emptySegment: "the path has an empty segment (//)"
        case .dots: "the path has a segment . or .."
        case .encoding: "the path is not percent-encoded UTF-8"
        case .encodedDelimiter: "the path has an encoded slash, backslash, percent sign or control character"
        case .needlessEncoding: "the path has encoded letters, digits or dots; send them as they are"
        }
    }
}
