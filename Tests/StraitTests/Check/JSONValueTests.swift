// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("JSON, RFC 8259")
struct JSONValueTests {
    @Test(
        arguments: [
            (.null, "null"), (.bool(true), "true"), (.bool(false), "false"), (.integer(-7), "-7"), (.integer(0), "0"),
            (.number(1.5), "1.5"), (.number(1e300), "1e+300"), (.number(.infinity), "null"), (.number(.nan), "null"),
            (.string(""), #""""#), (.string("a\"b\\c"), #""a\"b\\c""#),
            (.string("\n\t\u{0}\u{7F}"), #""\n\u0009\u0000\u007f""#),
            (.string("ü…"), "\"ü…\""), (.array([]), "[]"), (.strings(["a", "b"]), #"["a","b"]"#),
            (.object([]), "{}"), (.object([("b", .null), ("a", .bool(true))]), #"{"b":null,"a":true}"#),
            (.optional(nil), "null"), (.optional("x"), "\"x\""),
        ] as [(JSONValue, String)]
    )
    func isWritten(value: JSONValue, text: String) {
        #expect(value.description == text)
    }
}
