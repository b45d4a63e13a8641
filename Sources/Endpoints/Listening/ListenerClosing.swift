// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// Closes a listener's channel so that no client that it has let in is cut off.
///
/// NIO throws away a connection that is on its way to its own event loop when its listener closes. And the kernel resets
/// those in the backlog when the last descriptor of the socket is closed: their clients are connected already.
struct ListenerClosing: Sendable {
    /// Another process has the socket, too, or will: it finds in the backlog whoever is there now.
    let isShared: Bool
    /// Those whose event loop does not know them yet.
    let onTheirWay: Arrivals

    /// - Returns: once it is closed; within ``longest`` in any case.
    func close(_ channel: any Channel) async {
        let start = NIODeadline.now()
        while true {
            let isClosed = try? await channel.eventLoop.submit { self.closeIfNobodyWaits(channel, since: start) }.get()
            guard isClosed == false else { return }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Call it on the channel's event loop.
    private func closeIfNobodyWaits(_ channel: any Channel, since start: NIODeadline) -> Bool {
        guard channel.isActive else { return true }
        let time = NIODeadline.now() - start
        if self.isShared || time > Self.longestBacklog {
            try? channel.pipeline.syncOperations.handler(type: AcceptPause.self).stop(channel)
        } else if Self.hasBacklog(channel) {
            return false
        }
        guard self.onTheirWay.isEmpty || time > Self.longest else { return false }
        channel.close(promise: nil)
        return true
    }

    private static func hasBacklog(_ channel: any Channel) -> Bool {
        let events = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { socket in
            var question = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            return poll(&question, 1, 0)
        }
        return (events ?? 0) > 0
    }

    private static let pause = Duration.milliseconds(1)
    /// New clients may come without end.
    private static let longestBacklog = TimeAmount.seconds(5)
    private static let longest = TimeAmount.seconds(10)
}
