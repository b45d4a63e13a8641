// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("Limit of links")
struct LinkLimitTests {
    @Test func oneMoreThanTheLimitIsRefusedUntilOneEnds() {
        let limit = LinkLimit(2)
        #expect(limit.take() == .taken)
        #expect(limit.take() == .taken)
        #expect(limit.take() == .full(isNews: true))
        limit.release()
        #expect(limit.take() == .taken)
    }

    @Test func thatItIsReachedIsSaidOnce() {
        let limit = LinkLimit(1)
        #expect(limit.take() == .taken)
        #expect(limit.take() == .full(isNews: true))
        #expect(limit.take() == .full(isNews: false))
    }

    @Test func zeroIsAnyNumber() {
        let limit = LinkLimit(0)
        for _ in 0..<1000 { #expect(limit.take() == .taken) }
    }
}
