// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Endpoints

@Suite("Dates of header fields, RFC 9110 §5.6.7 and RFC 6265 §5.1.1")
struct HTTPDateTests {
    @Test(
        arguments: [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
            "Sun, 06-Nov-1994 08:49:37 GMT", "08:49:37 6 November 1994", "6 nov 94 8:49:37",
        ]
    )
    func formsOfOneMoment(text: String) {
        #expect(HTTPDate(text)?.secondsSince1970 == 784_111_777)
    }

    @Test(
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
            ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600), ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Thu, 01 Mar 2100 00:00:00 GMT", 4_107_542_400), ("01 Jan 69 00:00:00", 3_124_224_000),
            ("01 Jan 70 00:00:00", 0),
        ]
    )
    func daysAreThoseOfTheCalendar(text: String, seconds: Int) {
        #expect(HTTPDate(text)?.secondsSince1970 == seconds)
    }

    /// Against the C library, over a leap year's first and last days of months.
    @Test func everyDayOfFourYears() {
        for day in 0..<1461 {
            var seconds = time_t(1_704_067_200 + day * 86_400)
            var parts = tm()
            gmtime_r(&seconds, &parts)
            var text = [CChar](repeating: 0, count: 64)
            let length = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            let date = String(decoding: text[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
            #expect(HTTPDate(date)?.secondsSince1970 == seconds)
        }
    }

    @Test(
        arguments: [
            "", "GMT", "06 Nov 1994", "08:49:37 Nov 1994", "08:49:37 6 1994", "08:49:37 6 Nov", "32 Nov 1994 08:49:37",
            "0 Nov 1994 08:49:37", "6 Nov 1600 08:49:37", "6 Nov 1994 24:00:00", "6 Nov 1994 08:60:00",
            "6 Nov 1994 08:49:61", "6 Nov 1994 08:49", "6 Nov 1994 :49:37",
        ]
    )
    func whatIsNone(text: String) {
        #expect(HTTPDate(text) == nil)
    }

    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
    ])
    func isWrittenAsRFC9110HasIt(seconds: Int, text: String) {
        #expect(HTTPDate.text(secondsSince1970: seconds) == text)
        #expect(HTTPDate(text)?.secondsSince1970 == seconds)
    }
}
