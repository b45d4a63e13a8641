// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension SocketAddress {
    /// `127.0.0.1:22`, `[::1]:22`, or a Unix socket's path.
    var numericDescription: String {
        switch self {
        case .v4, .v6: HostAndPort(self.ipAddress ?? "?", self.port ?? 0).description
        case .unixDomainSocket: self.pathname ?? "unix socket"
        }
    }
}
