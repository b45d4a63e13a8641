// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A link as logs know it.
public struct LinkInfo: Sendable {
    /// The connection that it came of.
    public let connection: ConnectionInfo
    /// The pattern of the route.
    public let route: String
    /// Where it leads, without secrets.
    public let target: String
    /// Who showed a password or a token.
    public let user: String?
}
