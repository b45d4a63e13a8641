// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("Table of a check")
struct CheckTableTests {
    private static let step = CheckStep(
        name: .halfClose,
        result: .failed,
        time: .milliseconds(12),
        detail: "one two three four five six",
        advice: "do something about it"
    )

    @Test func aWideTerminalNeedsOneLineForEach() {
        #expect(
            CheckTable(width: Int.max).lines(of: Self.step) == [
                "half-close  FAILED    12ms      one two three four five six",
                "                                -> do something about it",
            ]
        )
    }

    @Test(arguments: [60, 79, 100])
    func noLineIsWiderThanTheTerminal(width: Int) {
        let lines = CheckTable(width: width).lines(of: Self.step)
        for line in lines { #expect(line.count <= width) }
        let words = lines.flatMap { $0.split(separator: " ") }
        #expect(
            words == "half-close FAILED 12ms one two three four five six -> do something about it".split(separator: " ")
        )
    }

    @Test func columnsBeginAtTheSamePlace() {
        let table = CheckTable(width: Int.max)
        for name in CheckStep.Name.allCases {
            let line = table.lines(of: CheckStep(name: name, result: .ok, detail: "SEEN"))[0]
            #expect(Array(line).firstIndex(of: "S") == Array(CheckTable.headline).lastIndex(of: "S").map { $0 })
        }
    }
}
