// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RelayCore
@testable import strait

@Suite("What a link has carried")
struct LinkSummaryTests {
    @Test func saysBytesFramesGoodbyeAndWhoEndedFirst() {
        var counters = LinkCounters()
        counters.add(5, from: .local)
        counters.add(7, from: .remote)
        let frames = FrameStatistics(sent: 2, received: 3, goodbye: "1000 (normal)")
        let summary = LinkSummary(life: .milliseconds(1200), counters, [(.remote, frames)], firstToEnd: .local)
        #expect(
            "\(summary)"
                == "1.2s: 5 bytes to REMOTE, 7 bytes to LOCAL; REMOTE: 2 frames sent, 3 received, Close 1000 (normal); "
                + "LOCAL ended first"
        )
    }

    @Test func byteStreamsHaveNoFrames() {
        #expect(
            "\(LinkSummary(life: .zero, LinkCounters(), [], firstToEnd: nil))"
                == "0.0ms: 0 bytes to REMOTE, 0 bytes to LOCAL"
        )
    }

    @Test func aPeersWordsAreMadePrintable() {
        let frames = FrameStatistics(goodbye: "4000: \u{1B}[31m\n")
        #expect(!"\(LinkSummary(life: .zero, LinkCounters(), [(.local, frames)], firstToEnd: nil))".contains("\u{1B}"))
    }
}
