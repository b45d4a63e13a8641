// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore

/// Has the loops give memory back to the kernel once a listener has been without a connection for a second.
final class MemoryRelease: Sendable {
    private struct State {
        var connections = 0
        var isScheduled = false
    }
    private let state = NIOLockedValueBox(State())
    private let loops: EventLoops

    init(_ loops: EventLoops) {
        self.loops = loops
    }

    /// Call on the channel's event loop.
    func countConnection(_ channel: any Channel) {
        self.state.withLockedValue { $0.connections += 1 }
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.connectionEnded(on: channel.eventLoop) }
    }

    private func connectionEnded(on eventLoop: any EventLoop) {
        let isNewlyIdle = self.state.withLockedValue { state in
            state.connections -= 1
            guard state.connections == 0, !state.isScheduled else { return false }
            state.isScheduled = true
            return true
        }
        guard isNewlyIdle else { return }
        eventLoop.scheduleTask(in: Self.idleTime) {
            let isIdle = self.state.withLockedValue { state in
                state.isScheduled = false
                return state.connections == 0
            }
            if isIdle { self.loops.releaseMemory() }
        }
    }

    private static let idleTime = TimeAmount.seconds(1)
}
