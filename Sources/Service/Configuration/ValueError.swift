// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A value of the configuration that can't be: what is wrong, and what is allowed.
struct ValueError: Error, Equatable, CustomStringConvertible {
    var problem: String
    var expected: String

    init(_ problem: String, _ expected: String) {
        self.problem = problem
        self.expected = expected
    }

    var description: String { "\(self.problem) (\(self.expected))" }
}
