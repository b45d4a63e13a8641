// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The header fields of an HTTP message, in order. Names are the same whatever their case (RFC 9110 §5.1).
public struct HeaderFields: Sendable {
    /// Name and value of each field.
    public private(set) var fields: [(name: String, value: String)]

    /// These fields.
    public init(_ fields: [(String, String)] = []) {
        self.fields = fields.map { (name: $0.0, value: $0.1) }
    }

    /// Appends a field.
    public mutating func append(_ name: String, _ value: String) {
        self.fields.append((name: name, value: value))
    }

    /// Puts `others` in place of the fields of the same names; those of new names go to the end.
    public mutating func replace(with others: [(String, String)]) {
        var remaining = others[...]
        while let name = remaining.first?.0 {
            let isSame = { (other: String) in other.isSameIgnoringCase(as: name) }
            let place = self.fields.firstIndex { isSame($0.name) } ?? self.fields.endIndex
            self.fields.removeAll { isSame($0.name) }
            let replacements = remaining.filter { isSame($0.0) }.map { (name: $0.0, value: $0.1) }
            self.fields.insert(contentsOf: replacements, at: place)
            remaining.removeAll { isSame($0.0) }
        }
    }

    /// Removes the fields of these names.
    public mutating func remove(_ names: [String]) {
        self.fields.removeAll { field in names.contains { $0.isSameIgnoringCase(as: field.name) } }
    }

    /// The values of all fields of this name, without white space around them.
    public func values(for name: String) -> [String] {
        self.fields.filter { $0.name.isSameIgnoringCase(as: name) }.map { Self.trimmed($0.value[...]) }
    }

    /// The elements of the comma-separated lists in all fields of this name (RFC 9110 §5.6.1). Empty ones are left out.
    /// Not for lists with quoted strings.
    public func tokens(for name: String) -> [String] {
        self.values(for: name).flatMap { $0.split(separator: ",") }.map(Self.trimmed).filter { !$0.isEmpty }
    }

    /// Whether the lists in the fields of this name hold `token`, in any case.
    public func hasToken(_ token: String, for name: String) -> Bool {
        self.tokens(for: name).contains { $0.isSameIgnoringCase(as: token) }
    }

    /// The values of all fields of this name as one list, or `nil` without any.
    func joinedValue(for name: String) -> String? {
        let values = self.values(for: name)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// The name of a field that says or may hide that a body follows (RFC 9112 §6); `nil` without any.
    public var fieldThatAnnouncesBody: String? {
        if !self.values(for: "Transfer-Encoding").isEmpty { return "Transfer-Encoding" }
        return self.values(for: "Content-Length").allSatisfy { $0 == "0" } ? nil : "Content-Length"
    }

    private static func trimmed(_ value: Substring) -> String {
        let bytes = value.utf8
        let start = bytes.drop { $0.isWhiteSpace }
        let tail = start.reversed().prefix { $0.isWhiteSpace }
        return String(Substring(start.dropLast(tail.count)))
    }
}
