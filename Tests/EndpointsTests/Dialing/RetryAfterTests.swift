// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Retry-After, RFC 9110 §10.2.3")
struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT.
    private static let then = 784_111_777

    @Test(
        arguments: [
            ("0", 0), ("120", 120), ("21600", 21600), ("21601", 21600), ("99999999999999999999999", 21600),
            ("Sun, 06 Nov 1994 08:51:37 GMT", 120), ("Sunday, 06-Nov-94 08:49:38 GMT", 1),
            ("Sun Nov  6 08:49:38 1994", 1), ("Sun, 06 Nov 1994 08:49:36 GMT", 0),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 21600),
        ]
    )
    func isSecondsOrADate(field: String, seconds: Int) {
        #expect(RetryAfter.duration(field, at: Self.then) == .seconds(seconds))
    }

    @Test(arguments: ["", "-1", "1.5", "soon", "Sun, 06 Nov 1994", "99:99:99 06 Nov 1994", "\u{0661}"])
    func anythingElseSaysNothing(field: String) {
        #expect(RetryAfter.duration(field, at: Self.then) == nil)
    }
}
