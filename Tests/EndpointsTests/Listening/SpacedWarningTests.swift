// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Endpoints

@Suite("Warnings that are spaced")
struct SpacedWarningTests {
    private static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    @Test func theFirstIsDue() {
        var warning = SpacedWarning()
        let first = warning.isDue(at: Self.at(0))
        #expect(first)
    }

    @Test func theNextIsDueAfterAMinuteOfCalmOnly() {
        var warning = SpacedWarning()
        let due = [0, 59, 61, 120, 180].map { warning.isDue(at: Self.at($0)) }
        #expect(due == [true, false, false, false, true])
    }
}
