// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

extension WebSocketURL {
    /// Whether credentials for one may be sent to the other: the same scheme, host and port.
    func isSameOrigin(as other: WebSocketURL) -> Bool {
        self.isSecure == other.isSecure && self.hostAndPort.port == other.hostAndPort.port
            && self.hostAndPort.host.lowercased() == other.hostAndPort.host.lowercased()
    }
}
