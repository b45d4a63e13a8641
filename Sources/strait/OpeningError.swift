// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// An endpoint could not be opened: which, and why.
struct OpeningError: Error, CustomStringConvertible {
    let name: String
    let reason: any Error

    var description: String { "\(self.name): \(self.reason)" }
}
