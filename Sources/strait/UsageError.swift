// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// An option that turned out to be wrong when it was used, such as a file that can't be read: exit status 64.
struct UsageError: Error, CustomStringConvertible {
    /// The option, and its value if that is no secret.
    let what: String
    let reason: String
    let advice: String

    /// As a log line shows it.
    var description: String { "\(self.what): \(self.reason) (\(self.advice))" }
}
