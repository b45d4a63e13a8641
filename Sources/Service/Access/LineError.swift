// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a line of a file that the configuration names.
struct LineError: Error, Equatable {
    /// From 1.
    let line: Int
    let problem: String
    let expected: String
}
