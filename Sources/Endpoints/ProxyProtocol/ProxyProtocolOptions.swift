// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Whose PROXY headers are taken, and whether one is sent to the service.
public struct ProxyProtocolOptions: Sendable {
    /// A connection from one of these begins with a header, any other with none.
    public var acceptedFrom = TrustedSources()
    /// Connections to `tcp:` and `unix:` begin with one in this form.
    public var sent: ProxyHeader.Version?

    /// Neither.
    public init() {}
}
