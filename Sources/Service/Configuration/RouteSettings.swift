// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import RelayCore

/// What can be set for each route; what is set for the service is where each route begins.
public struct RouteSettings: Sendable {
    /// Who may come in.
    var access = AccessSettings()
    /// How many links may be open at a time; zero: any number.
    public var maxLinks = 0
    /// What each link may have.
    public var bounds = LinkBounds()
}
