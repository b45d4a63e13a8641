// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Why a YAML document is not taken.
struct YAMLError: Error, Equatable {
    /// From 1.
    let line: Int
    let problem: String
    let expected: String
}
