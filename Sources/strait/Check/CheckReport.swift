// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// All that `strait check` found, and what a relay would make of it.
struct CheckReport: Sendable {
    let address: Address
    private(set) var steps: [CheckStep] = []
    /// How the relay would exit; the first failure counts.
    private(set) var status = ExitStatus.success

    init(_ address: Address) {
        self.address = address
    }

    /// - Parameter failure: how a relay would exit because of it.
    mutating func add(_ step: CheckStep, failure: ExitStatus = .broken) {
        self.steps.append(step)
        if step.result == .failed, self.status == .success { self.status = failure }
    }

    /// The last line of the table.
    var summary: String {
        if self.status == .success {
            let doubts = self.steps.contains { $0.result != .ok }
            return "A relay works here\(doubts ? "; see above for what could be better" : "")."
        }
        return "A relay fails here, with exit status \(self.status.rawValue)."
    }

    var json: JSONValue {
        .object([
            ("address", .string("\(self.address)")), ("works", .bool(self.status == .success)),
            ("exit", .integer(Int(self.status.rawValue))), ("steps", .array(self.steps.map(\.json))),
        ])
    }
}
