// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A value as JSON writes it (RFC 8259).
indirect enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// Members in this order.
    case object([(key: String, value: JSONValue)])

    static func == (one: Self, other: Self) -> Bool { one.description == other.description }

    static func integer(_ number: Int) -> Self { .number(Double(number)) }

    static func strings(_ strings: [String]) -> Self { .array(strings.map(Self.string)) }

    /// `null` without a string.
    static func optional(_ string: String?) -> Self { string.map(Self.string) ?? .null }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            case _: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension JSONValue: CustomStringConvertible {
    /// On one line, without spaces between.
    var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        // There is no infinity in JSON.
        case .number(let value) where !value.isFinite: "null"
        case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
        case .string(let text): Self.quoted(text)
        case .array(let values): "[\(values.map(\.description).joined(separator: ","))]"
        case .object(let members):
            "{\(members.map { "\(Self.quoted($0.key)):\($0.value)" }.joined(separator: ","))}"
        }
    }
}
