// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
public import NIOCore

/// A connection as logs know it.
public struct ConnectionInfo: Sendable {
    /// Its own among all of this process.
    public let id: Int
    /// The listener and, where there is one, the source: `ws://127.0.0.1:8080/ from 127.0.0.1:54321`.
    public let name: String
    /// Who connected; `nil` over Unix sockets.
    public internal(set) var source: SocketAddress?
    /// What a service that wants a PROXY header is told.
    var header: ProxyHeader
}
