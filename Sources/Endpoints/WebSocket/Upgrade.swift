// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import WebSocketCore

/// A handshake that succeeded: what was agreed on, and with whom.
public struct Upgrade: Hashable, Sendable, CustomStringConvertible {
    /// The extensions that the server took.
    public var extensions: [String]
    /// The subprotocol that the server chose.
    public var subprotocol: String?
    /// `strait-half-close` was agreed.
    public var halfClose: Bool
    /// What the `Server` field says.
    public var server: String?
    /// Cloudflare has passed the answer on.
    public var isBehindCloudflare = false

    /// One printable line.
    public var description: String {
        var text = "HTTP 101"
        if !self.extensions.isEmpty { text += ", extensions \(self.extensions.joined(separator: ", ").printable)" }
        if let subprotocol { text += ", protocol \(subprotocol.printable)" }
        if let server { text += ", from \(server.printable)" }
        return text
    }
}

extension Upgrade {
    init(_ negotiated: Negotiated, server: String? = nil, isBehindCloudflare: Bool = false) {
        self.extensions = negotiated.extensions.map(\.description)
        self.subprotocol = negotiated.subprotocol
        self.halfClose = negotiated.halfClose
        self.server = server
        self.isBehindCloudflare = isBehindCloudflare
    }
}
