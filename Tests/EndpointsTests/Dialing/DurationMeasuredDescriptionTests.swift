// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Measured times")
struct DurationMeasuredDescriptionTests {
    @Test(
        arguments: [
            (.zero, "0.0ms"), (.microseconds(99), "0.0ms"), (.microseconds(100), "0.1ms"),
            (.microseconds(9999), "9.9ms"), (.milliseconds(10), "10ms"), (.microseconds(999_999), "999ms"),
            (.seconds(1), "1.0s"), (.milliseconds(1299), "1.2s"), (.milliseconds(99_999), "99.9s"),
            (.seconds(100), "100s"), (.seconds(3600), "3600s"),
        ] as [(Duration, String)]
    )
    func hasAboutThreeDigits(time: Duration, text: String) {
        #expect(time.measuredDescription == text)
    }
}
