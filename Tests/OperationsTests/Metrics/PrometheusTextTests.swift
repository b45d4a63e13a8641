// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Operations

@Suite("Prometheus' text format")
struct PrometheusTextTests {
    @Test
    func aFamilyHasHelpTypeAndSamples() {
        var text = PrometheusText()
        text.begin("links_total", .counter, "Links.")
        text.add(3 as UInt64)
        text.add(4 as UInt64, [("route", "/ssh"), ("end", "x")])
        #expect(
            text.text == """
                # HELP links_total Links.
                # TYPE links_total counter
                links_total 3
                links_total{route="/ssh",end="x"} 4

                """
        )
    }

    @Test
    func labelsAndHelpAreEscaped() {
        var text = PrometheusText()
        text.begin("a", .gauge, "back\\slash \"quote\"\nline")
        text.add(1 as UInt64, [("l", "back\\slash \"quote\"\nline")])
        #expect(
            text.text == #"""
                # HELP a back\\slash "quote"\nline
                # TYPE a gauge
                a{l="back\\slash \"quote\"\nline"} 1

                """#
        )
    }

    @Test(arguments: [(0.5, "0.5"), (1e-9, "1e-09"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN")])
    func numbersAreSpelledAsPrometheusReadsThem(value: Double, spelled: String) {
        var text = PrometheusText()
        text.begin("a", .gauge, "A.")
        text.add(value)
        #expect(text.text.hasSuffix("\na \(spelled)\n"))
    }

    @Test
    func aHistogramCountsEachBoundWithAllBelow() {
        let histogram = Histogram(bounds: [0.1, 1])
        for duration in [Duration.zero, .milliseconds(100), .milliseconds(101), .seconds(1), .seconds(2), .seconds(-1)]
        {
            histogram.record(duration)
        }
        var text = PrometheusText()
        text.begin("h", .histogram, "H.")
        text.add(histogram, [("r", "/")])
        #expect(
            text.text == """
                # HELP h H.
                # TYPE h histogram
                h_bucket{r="/",le="0.1"} 3
                h_bucket{r="/",le="1.0"} 5
                h_bucket{r="/",le="+Inf"} 6
                h_sum{r="/"} 3.201
                h_count{r="/"} 6

                """
        )
    }

    @Test
    func longestAndShortestDurationsAreCounted() {
        let histogram = Histogram(bounds: Histogram.lifeBounds)
        histogram.record(.seconds(Int64.max))
        histogram.record(.nanoseconds(1))
        #expect(histogram.cumulativeCounts.last == 2)
        #expect(histogram.cumulativeCounts.first == 1)
    }
}
