// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A `Sec-WebSocket-Extensions` value that does not follow RFC 6455 §9.1.
public struct ExtensionSyntaxError: Error, Equatable, Sendable {
    /// What is wrong.
    public enum Kind: Sendable {
        /// A name or a value should stand here.
        case tokenExpected
        /// Something else than `,`, `;` or `=` follows a name or a value.
        case unexpectedCharacter
        /// A quoted string does not end.
        case unterminatedQuote
        /// What a quoted string holds is not a token.
        case quotedValueNotToken
    }

    /// What is wrong.
    public let kind: Kind
    /// Where, in bytes from the start of `value`.
    public let offset: Int
    /// The whole value.
    public let value: String
}

extension ExtensionSyntaxError: CustomStringConvertible {
    /// What is wrong, where, and the value.
    public var description: String {
        let problem =
            switch self.kind {
            case .tokenExpected: "no name or value"
            case .unexpectedCharacter: "an unexpected character"
            case .unterminatedQuote: "an open quotation"
            case .quotedValueNotToken: "a quoted value that is not a token"
            }
        return "Sec-WebSocket-Extensions has \(problem) at byte \(self.offset): \(quoted(self.value)) (RFC 6455 §9.1)"
    }
}
