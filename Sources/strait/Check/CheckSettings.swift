// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import WebSocketCore

/// What is tried once a WebSocket is open.
struct CheckSettings: Sendable {
    /// Messages grow up to this many bytes; zero: none is sent.
    var largestMessage: Int
    /// How long nothing is sent; zero: not tried.
    var silence: Duration
    /// The relay's, to judge what silence does.
    var pingInterval: Duration
    /// How long a Pong may take.
    var pingTimeout: Duration
    /// No frame of a relay is longer, in bytes; `nil`: as the path makes it.
    var frameLimit: Int?
    /// The relay shall compress.
    var isCompressed: Bool
    /// The window for that.
    var window: DeflateWindow

    /// The longest frame of a relay on this path.
    func relayFrame(isBehindCloudflare: Bool) -> Int {
        LinkOptions.longestFrame(within: self.frameLimit, isBehindCloudflare: isBehindCloudflare)
    }
}
