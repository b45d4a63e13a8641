// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Reads one value of `Sec-WebSocket-Extensions` (RFC 6455 §9.1).
///
/// ```
/// list      = [ extension ] *( "," [ extension ] )
/// extension = token *( ";" token [ "=" ( token | quoted-string ) ] )
/// ```
struct ExtensionParser {
    private let text: String
    private var rest: Substring.UTF8View
    /// How many bytes have been taken.
    private var offset: Int { self.text.utf8.count - self.rest.count }

    init(_ text: String) {
        self.text = text
        self.rest = text[...].utf8
    }

    mutating func list() throws(ExtensionSyntaxError) -> [ExtensionOffer] {
        var offers: [ExtensionOffer] = []
        while true {
            self.skipWhiteSpace()
            guard let next = self.rest.first else { return offers }
            if next == Self.comma {
                self.rest.removeFirst()
                continue
            }
            offers.append(try self.extensionOffer())
            guard self.rest.isEmpty || self.rest.first == Self.comma else { throw self.error(.unexpectedCharacter) }
        }
    }

    private mutating func extensionOffer() throws(ExtensionSyntaxError) -> ExtensionOffer {
        var offer = ExtensionOffer(try self.token())
        while self.take(Self.semicolon) {
            let name = try self.token()
            offer.parameters.append(.init(name, self.take(Self.equals) ? try self.value() : nil))
        }
        return offer
    }

    private mutating func value() throws(ExtensionSyntaxError) -> String {
        guard self.take(Self.quote) else { return try self.token() }
        var value: [UInt8] = []
        while let byte = self.rest.popFirst() {
            switch byte {
            case Self.quote:
                guard !value.isEmpty, value.allSatisfy(\.isTokenCharacter) else {
                    throw self.error(.quotedValueNotToken)
                }
                self.skipWhiteSpace()
                return String(decoding: value, as: UTF8.self)
            case Self.backslash:
                guard let escaped = self.rest.popFirst() else { throw self.error(.unterminatedQuote) }
                value.append(escaped)
            default:
                value.append(byte)
            }
        }
        throw self.error(.unterminatedQuote)
    }

    /// Takes a token and the white space around it.
    private mutating func token() throws(ExtensionSyntaxError) -> String {
        self.skipWhiteSpace()
        let token = self.rest.prefix(while: \.isTokenCharacter)
        guard !token.isEmpty else { throw self.error(.tokenExpected) }
        self.rest.removeFirst(token.count)
        self.skipWhiteSpace()
        return String(Substring(token))
    }

    /// Takes `byte` and the white space around it, if it comes next.
    private mutating func take(_ byte: UInt8) -> Bool {
        self.skipWhiteSpace()
        guard self.rest.first == byte else { return false }
        self.rest.removeFirst()
        // In a quoted string, white space counts.
        if byte != Self.quote { self.skipWhiteSpace() }
        return true
    }

    private mutating func skipWhiteSpace() {
        self.rest = self.rest.drop(while: \.isWhiteSpace)
    }

    private func error(_ kind: ExtensionSyntaxError.Kind) -> ExtensionSyntaxError {
        ExtensionSyntaxError(kind: kind, offset: self.offset, value: self.text)
    }

    private static let comma = UInt8(ascii: ",")
    private static let semicolon = UInt8(ascii: ";")
    private static let equals = UInt8(ascii: "=")
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
}
