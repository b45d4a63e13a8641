// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import NIOConcurrencyHelpers
import RelayCore

/// The links that are open or about to be, and how to end them.
final class LinkRegistry: Sendable {
    private struct State {
        var links: [Int: Entry] = [:]
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// Links that come from now on are cancelled at once.
        var isEnding = false
    }
    private enum Entry {
        /// Its request is being looked at, or its other end dialled.
        case opening
        case open(Link, EventLoopExecutor)
    }
    private let state = NIOLockedValueBox(State())

    /// A link may come of this connection. Call `remove` in any case.
    func reserve(_ id: Int) {
        self.state.withLockedValue { $0.links[id] = .opening }
    }

    var count: Int { self.state.withLockedValue { $0.links.count } }

    func add(_ link: Link, on executor: EventLoopExecutor, id: Int) {
        let isEnding = self.state.withLockedValue { state in
            state.links[id] = .open(link, executor)
            return state.isEnding
        }
        if isEnding { Task.detached(executorPreference: executor) { link.cancel() } }
    }

    func remove(_ id: Int) {
        let waiters = self.state.withLockedValue { state in
            state.links[id] = nil
            guard state.links.isEmpty else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Ends all links: WebSocket clients get Close 1001.
    func cancelAll() {
        let links = self.state.withLockedValue { state in
            state.isEnding = true
            return Array(state.links.values)
        }
        for entry in links {
            guard case .open(let link, let executor) = entry else { continue }
            Task.detached(executorPreference: executor) { link.cancel() }
        }
    }

    /// Waits until there is none, or until the time is over.
    func waitUntilEmpty(within time: Duration) async {
        let timeout = Task {
            guard (try? await Task.sleep(for: time)) != nil else { return }
            let waiters = self.state.withLockedValue { state in
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }
        await withCheckedContinuation { continuation in
            let isEmpty = self.state.withLockedValue { state in
                if !state.links.isEmpty { state.waiters.append(continuation) }
                return state.links.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
        timeout.cancel()
    }
}
