// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import RelayCore

/// What a request is let in to.
public struct Admission: Sendable {
    /// The other end tells messages apart.
    public var keepsMessages: Bool
    /// Opens the other end.
    public var dial: @Sendable () async throws -> any Endpoint

    /// Let in to what `dial` opens.
    public init(keepsMessages: Bool, dial: @escaping @Sendable () async throws -> any Endpoint) {
        self.keepsMessages = keepsMessages
        self.dial = dial
    }
}
