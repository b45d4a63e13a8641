// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// An endpoint could not be opened: which one, and why.
public struct OpeningError: Error, CustomStringConvertible {
    /// What the user knows it by.
    public let name: String
    /// What went wrong, and what to do.
    public let reason: EndpointError

    /// For endpoints of other modules.
    public init(name: String, reason: EndpointError) {
        self.name = name
        self.reason = reason
    }

    /// As a log line shows it.
    public var description: String { "\(self.name): \(self.reason)" }
}
