// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import RelayCore

extension Dialer {
    /// Opens the WebSocket that `address` names, as for a link, to try things out with it.
    public func probe(_ address: Address, on executor: EventLoopExecutor) async throws(OpeningError) -> WebSocketProbe {
        let endpoint = try await self.dial(address, on: executor, keepsMessages: false)
        guard let webSocket = endpoint as? WebSocketEndpoint else {
            endpoint.abort(.goingAway)
            throw OpeningError(name: "\(address)", reason: .connectFailed(reason: "it is no WebSocket"))
        }
        return WebSocketProbe(stream: webSocket.handOver(), executor: executor)
    }
}
