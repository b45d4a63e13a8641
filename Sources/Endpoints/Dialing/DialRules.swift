// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What a link asks of its connection to the other end, beyond the address.
public struct DialRules: Sendable {
    /// Which addresses a host's name may stand for; `nil`: any. Those that it lets through are connected to without
    /// asking for the name again, so that another answer can't get round it.
    public var permits: (@Sendable (IPAddress) -> Bool)?
    /// Variables that a program gets besides those of this process.
    public var environment: [String: String]

    /// By default none.
    public init(permits: (@Sendable (IPAddress) -> Bool)? = nil, environment: [String: String] = [:]) {
        self.permits = permits
        self.environment = environment
    }
}
