// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import NIOConcurrencyHelpers
import NIOCore
import RelayCore

/// What has to be ended at a signal: listeners, and links on their executors.
final class OpenLinks: Sendable {
    private struct State {
        var nextID = 0
        var links: [Int: Entry] = [:]
        /// Of links that are over.
        var finished = LinkCounters()
        var listeners: [Listener] = []
    }
    private struct Entry {
        let link: Link
        let executor: EventLoopExecutor
        let start = NIODeadline.now()
    }
    private let state = NIOLockedValueBox(State())
    private let waiters = WaitList()

    func add(_ listener: Listener) {
        self.state.withLockedValue { $0.listeners.append(listener) }
    }

    /// - Returns: the number to remove it by.
    func add(_ link: Link, on executor: EventLoopExecutor) -> Int {
        self.state.withLockedValue { state in
            state.nextID += 1
            state.links[state.nextID] = Entry(link: link, executor: executor)
            return state.nextID
        }
    }

    /// - Parameter counters: what the link has carried.
    func remove(_ id: Int, _ counters: LinkCounters) {
        let isLast = self.state.withLockedValue { state in
            state.finished = state.finished + counters
            state.links[id] = nil
            return state.links.isEmpty
        }
        if isLast { self.waiters.resumeAll() }
    }

    /// A line for each open link, the oldest first.
    func statistics() async -> [String] {
        let entries = self.state.withLockedValue { $0.links.sorted { $0.key < $1.key }.map(\.value) }
        var lines: [String] = []
        for entry in entries {
            lines.append(
                await Task.detached(executorPreference: entry.executor) {
                    "\(entry.link.name): open for \(LinkSummary(entry.link, life: entry.start.elapsed))"
                }.value
            )
        }
        return lines
    }

    /// Bytes of all links, those that are over included.
    func counters() async -> LinkCounters {
        var (sum, entries) = self.state.withLockedValue { ($0.finished, Array($0.links.values)) }
        for entry in entries {
            sum = sum + (await Task.detached(executorPreference: entry.executor) { entry.link.counters }.value)
        }
        return sum
    }

    /// Closes listeners, cancels links, and waits until all have ended, or until the time is over.
    func end(within time: Duration) async {
        let (listeners, links) = self.state.withLockedValue { ($0.listeners, Array($0.links.values)) }
        for listener in listeners { listener.close() }
        for entry in links {
            Task.detached(executorPreference: entry.executor) { entry.link.cancel() }
        }
        await self.waiters.wait(within: time) { self.state.withLockedValue { $0.links.isEmpty } }
    }
}
