// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Connections that are not served yet")
struct ArrivalsTests {
    private let arrivals = Arrivals()

    @Test func withoutAnyNobodyWaits() async {
        #expect(self.arrivals.isEmpty)
        await self.arrivals.waitUntilNone(within: .seconds(3600))
    }

    @Test func timeEndsItToo() async {
        self.arrivals.add()
        await self.arrivals.waitUntilNone(within: .milliseconds(1))
        #expect(!self.arrivals.isEmpty)
    }

    @Test func theLastOneEndsTheWait() async {
        self.arrivals.add()
        self.arrivals.add()
        async let waits: Void = self.arrivals.waitUntilNone(within: .seconds(3600))
        self.arrivals.remove()
        #expect(!self.arrivals.isEmpty)
        self.arrivals.remove()
        await waits
        #expect(self.arrivals.isEmpty)
    }
}
