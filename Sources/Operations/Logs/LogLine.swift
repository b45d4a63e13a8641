// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// One line of the log. Whatever message and fields hold, it is one line, and fields can't be mistaken for others.
public struct LogLine {
    /// What happened.
    public var message: String
    /// More about it, in order.
    public var fields: [(name: String, value: String)]

    /// A line without fields yet, unless there are.
    public init(_ message: String, fields: [(name: String, value: String)] = []) {
        self.message = message
        self.fields = fields
    }

    /// `message name=value name="a value"`.
    public var text: String {
        var line = Self.printable(self.message)
        for (name, value) in self.fields {
            let isPlain = !value.isEmpty && value.unicodeScalars.allSatisfy { Self.isPlain($0) }
            line += " \(Self.printable(name))=" + (isPlain ? value : Self.quoted(value))
        }
        return line
    }

    /// `{"time":"…","level":"…","message":"…","name":"value"}`.
    ///
    /// - Parameters:
    ///   - time: as RFC 3339 has it.
    ///   - level: how bad it is.
    public func json(time: String, level: String) -> String {
        let all = [("time", time), ("level", level), ("message", self.message)] + self.fields
        return "{" + all.map { "\(Self.quoted($0.0)):\(Self.value($0.1))" }.joined(separator: ",") + "}"
    }

    /// Numbers stand without quotes, so that they can be summed up: digits, and perhaps a point and digits.
    private static func value(_ text: String) -> String {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isNumber =
            text.utf8.count <= 20
            && parts.allSatisfy { part in !part.isEmpty && part.utf8.allSatisfy { 0x30...0x39 ~= $0 } }
            && (parts[0] == "0" || !parts[0].hasPrefix("0"))
        return isNumber ? text : Self.quoted(text)
    }

    /// As a JSON string (RFC 8259 §7), with everything escaped that could break a line or hide text.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where Self.isHidden(scalar):
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { Self.isHidden($0) }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            result.unicodeScalars.append(Self.isHidden(scalar) ? " " : scalar)
        }
        return result
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        !Self.isHidden(scalar) && scalar != " " && scalar != "\"" && scalar != "=" && scalar != "\\"
            && scalar.properties.generalCategory != .spaceSeparator
    }

    /// Control and format characters, among them what turns the direction of text; line and paragraph separators.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation,
            .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
            .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol, .spaceSeparator:
            false
        @unknown default: true
        }
    }
}
