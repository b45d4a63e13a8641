// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// What `strait check` found, for people: a line for each step, below it what to change.
struct CheckTable {
    /// Lines are broken at this column.
    let width: Int

    static let headline = Self.row("STEP", "RESULT", "TIME", "SEEN")
    private static let margin = String(repeating: " ", count: 32)

    func lines(of step: CheckStep) -> [String] {
        let detail = self.broken(step.detail)
        let time = step.time?.measuredDescription ?? "-"
        let result = step.result == .failed ? "FAILED" : step.result.rawValue
        var lines = [Self.row(step.name.rawValue, result, time, detail.first ?? "")]
        lines += detail.dropFirst().map { Self.margin + $0 }
        guard let advice = step.advice else { return lines }
        return lines + self.broken("-> " + advice).map { Self.margin + $0 }
    }

    private static func row(_ name: String, _ result: String, _ time: String, _ rest: String) -> String {
        "\(Self.padded(name, 11)) \(Self.padded(result, 9)) \(Self.padded(time, 8))  \(rest)"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Breaks at spaces; a word that is longer than a line stays whole.
    private func broken(_ text: String) -> [String] {
        let room = max(20, self.width - Self.margin.count)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !line.isEmpty, line.count + 1 + word.count > room {
                lines.append(line)
                line = String(word)
            } else {
                line += line.isEmpty ? String(word) : " \(word)"
            }
        }
        return lines + [line]
    }
}
