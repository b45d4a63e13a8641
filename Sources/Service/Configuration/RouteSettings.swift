// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
public import RelayCore

/// What can be set for each route; what is set for the service is where each route begins.
public struct RouteSettings: Sendable {
    /// Who may come in.
    var access = AccessSettings()
    /// How many links may be open at a time; zero: any number.
    public var maxLinks = 0
    /// Services are told with it who has connected.
    var sentProxyHeader: ProxyHeader.Version?
    /// What each link may have.
    public var bounds = LinkBounds()
}
