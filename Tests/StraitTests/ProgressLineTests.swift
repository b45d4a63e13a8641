// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RelayCore
@testable import strait

@Suite("Line of --progress")
struct ProgressLineTests {
    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (102_399, "99.9 KiB"), (102_400, "100 KiB"),
            (1_048_575, "1023 KiB"), (1_048_576, "1.0 MiB"), (0x1p40, "1.0 TiB"), (0x1p50, "1024 TiB"),
        ] as [(Double, String)]
    )
    func sizesHaveAUnit(bytes: Double, text: String) {
        #expect(ProgressLine.size(bytes) == text)
    }

    @Test(arguments: [
        (0, "0:00"), (59, "0:59"), (60, "1:00"), (3599, "59:59"), (3600, "1:00:00"), (90_061, "25:01:01"),
    ])
    func timesAreThoseOfAClock(seconds: Int, text: String) {
        #expect(ProgressLine.clock(.seconds(seconds)) == text)
    }

    @Test func ratesAreThoseSinceTheLastLine() {
        var line = ProgressLine()
        var counters = LinkCounters()
        counters.add(2048, from: .local)
        #expect(
            line.next(counters, over: .seconds(2), elapsed: .seconds(2))
                == "to REMOTE 2.0 KiB at 1.0 KiB/s, to LOCAL 0 B at 0 B/s, 0:02"
        )
        counters.add(100, from: .remote)
        #expect(
            line.next(counters, over: .seconds(1), elapsed: .seconds(3))
                == "to REMOTE 2.0 KiB at 0 B/s, to LOCAL 100 B at 100 B/s, 0:03"
        )
    }

    @Test func noTimeIsNoRate() {
        var line = ProgressLine()
        #expect(line.next(LinkCounters(), over: .zero, elapsed: .zero).contains("at 0 B/s"))
    }
}
