// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Takes fields between colons off the front of a text. Colons in brackets belong to an IPv6 address.
struct FieldReader {
    private let text: String
    private let form: String
    private(set) var rest: Substring
    /// A field was asked for that no colon ends.
    private(set) var isShort = false

    init(text: String, form: String) {
        self.text = text
        self.form = form
        self.rest = text[...]
    }

    /// What stands before the next colon; everything if there is none.
    mutating func next(skipping prefix: Character? = nil) -> Substring {
        if let prefix, self.rest.first == prefix { self.rest = self.rest.dropFirst() }
        var start = self.rest.startIndex
        if self.rest.first == "[" { start = self.rest.firstIndex(of: "]") ?? start }
        guard let colon = self.rest[start...].firstIndex(of: ":") else {
            self.isShort = true
            defer { self.rest = self.rest[self.rest.endIndex...] }
            return self.rest
        }
        defer { self.rest = self.rest[self.rest.index(after: colon)...] }
        return self.rest[..<colon]
    }

    /// - Returns: `nil` if there is none.
    func port(_ field: Substring) throws(AddressError) -> Int? {
        if field.isEmpty { return nil }
        guard let port = UInt16(field), port > 0, field.first != "+" else {
            throw self.error("\"\(field)\" is not a port")
        }
        return Int(port)
    }

    func error(_ problem: String) -> AddressError {
        AddressError(address: self.text, problem: problem, expected: self.form)
    }

    static func withoutBrackets(_ field: Substring) -> Substring {
        field.first == "[" && field.last == "]" && field.count > 1 ? field.dropFirst().dropLast() : field
    }
}
