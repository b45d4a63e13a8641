// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Operations

@Suite("Process figures")
struct ProcessFiguresTests {
    private static let after =
        "S 1 2 3 0 -1 4194560 100 0 0 0 250 150 0 0 20 0 7 0 5000 1048576 300 18446744073709551615 1 1 0\n"

    @Test(arguments: ["strait", "a b", ") S 9 (", "((", ""])
    func aProgramsNameMayHoldAnything(name: String) throws {
        let figures = try #require(ProcessFigures(stat: "42 (\(name)) \(Self.after)", ticks: 100, pageBytes: 4096))
        #expect(figures.cpuSeconds == 4)
        #expect(figures.threads == 7)
        #expect(figures.startSeconds == 50)
        #expect(figures.virtualBytes == 1_048_576)
        #expect(figures.residentBytes == 300 * 4096)
    }

    @Test(arguments: ["", "42", "42 (a", "42 (a) S 1", "42 (a) " + String(repeating: "x ", count: 40)])
    func whatIsCutGivesNothing(stat: String) {
        #expect(ProcessFigures(stat: stat, ticks: 100, pageBytes: 4096) == nil)
    }

    @Test
    func thisProcessHasFigures() throws {
        let figures = try #require(ProcessFigures.current())
        #expect(figures.residentBytes > 1 << 20)
        #expect(figures.threads >= 1)
        #expect(try #require(ProcessFigures.openDescriptors) >= 3)
        #expect(try #require(ProcessFigures.descriptorLimit) >= 3)
    }

    @Test
    func thisProcessWasStartedAfterTheMachine() throws {
        let figures = try #require(ProcessFigures.current())
        #expect(ProcessFigures.bootTime > 1_700_000_000)
        #expect(ProcessFigures.bootTime + figures.startSeconds <= Double(time(nil)) + 1)
    }
}
