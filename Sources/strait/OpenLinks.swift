// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import NIOConcurrencyHelpers
import RelayCore

/// What has to be ended at a signal: listeners, and links on their executors.
final class OpenLinks: Sendable {
    private struct State {
        var nextID = 0
        var links: [Int: (link: Link, executor: EventLoopExecutor)] = [:]
        var listeners: [Listener] = []
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = NIOLockedValueBox(State())

    func add(_ listener: Listener) {
        self.state.withLockedValue { $0.listeners.append(listener) }
    }

    /// - Returns: the number to remove it by.
    func add(_ link: Link, on executor: EventLoopExecutor) -> Int {
        self.state.withLockedValue { state in
            state.nextID += 1
            state.links[state.nextID] = (link, executor)
            return state.nextID
        }
    }

    func remove(_ id: Int) {
        let waiter = self.state.withLockedValue { state in
            state.links[id] = nil
            return state.links.isEmpty ? state.waiter.take() : nil
        }
        waiter?.resume()
    }

    /// Closes listeners, cancels links, and waits until all have ended, or until the time is over.
    func end(within time: Duration) async {
        let (listeners, links) = self.state.withLockedValue { ($0.listeners, Array($0.links.values)) }
        for listener in listeners { listener.close() }
        for (link, executor) in links {
            Task.detached(executorPreference: executor) { link.cancel() }
        }
        let timeout = Task {
            try? await Task.sleep(for: time)
            self.state.withLockedValue { $0.waiter.take() }?.resume()
        }
        await withCheckedContinuation { continuation in
            let isEmpty = self.state.withLockedValue { state in
                if !state.links.isEmpty { state.waiter = continuation }
                return state.links.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
        timeout.cancel()
    }
}
