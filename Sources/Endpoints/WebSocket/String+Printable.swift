// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

extension String {
    /// On one line: control characters and line ends become spaces, runs of spaces one.
    public var printable: String {
        var result = ""
        for scalar in self.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .unassigned:
                if let last = result.unicodeScalars.last, last != " " { result.append(" ") }
            default:
                result.unicodeScalars.append(scalar)
            }
        }
        return result.last == " " ? String(result.dropLast()) : result
    }
}
