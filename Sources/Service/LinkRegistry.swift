// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import NIOConcurrencyHelpers
import RelayCore

/// The links that are open or about to be, and how to end them.
final class LinkRegistry: Sendable {
    private struct State {
        var links: [Int: Entry] = [:]
        /// Links that come from now on are cancelled at once.
        var isEnding = false
    }
    private enum Entry {
        /// Its request is being looked at, or its other end dialled.
        case opening
        case open(Link, EventLoopExecutor, LinkInfo, start: ContinuousClock.Instant)
    }
    private let state = NIOLockedValueBox(State())
    private let waiters = WaitList()

    /// A link may come of this connection. Call `remove` in any case.
    func reserve(_ id: Int) {
        self.state.withLockedValue { $0.links[id] = .opening }
    }

    var count: Int { self.state.withLockedValue { $0.links.count } }

    func add(_ link: Link, on executor: EventLoopExecutor, _ info: LinkInfo, start: ContinuousClock.Instant) {
        let isEnding = self.state.withLockedValue { state in
            state.links[info.connection.id] = .open(link, executor, info, start: start)
            return state.isEnding
        }
        if isEnding { Task.detached(executorPreference: executor) { link.cancel() } }
    }

    func remove(_ id: Int) {
        let isLast = self.state.withLockedValue { state in
            state.links[id] = nil
            return state.links.isEmpty
        }
        if isLast { self.waiters.resumeAll() }
    }

    /// Ends all links: WebSocket clients get Close 1001.
    func cancelAll() {
        let links = self.state.withLockedValue { state in
            state.isEnding = true
            return Array(state.links.values)
        }
        for entry in links {
            guard case .open(let link, let executor, _, _) = entry else { continue }
            Task.detached(executorPreference: executor) { link.cancel() }
        }
    }

    /// What is open now, the oldest first.
    func openLinks() async -> [OpenLink] {
        typealias Open = (link: Link, info: LinkInfo, start: ContinuousClock.Instant)
        let entries = self.state.withLockedValue { Array($0.links.values) }
        var byExecutor: [ObjectIdentifier: (executor: EventLoopExecutor, links: [Open])] = [:]
        for entry in entries {
            guard case .open(let link, let executor, let info, let start) = entry else { continue }
            byExecutor[ObjectIdentifier(executor), default: (executor, [])].links.append((link, info, start))
        }
        var result: [OpenLink] = []
        for (executor, links) in byExecutor.values {
            result += await Task.detached(executorPreference: executor) {
                links.map { link, info, start in
                    let frames = link.frames(of: .local) ?? FrameStatistics()
                    return OpenLink(info: info, counters: link.counters, frames: frames, life: .now - start)
                }
            }.value
        }
        return result.sorted { $0.info.connection.id < $1.info.connection.id }
    }

    /// Waits until there is none, or until the time is over.
    func waitUntilEmpty(within time: Duration) async {
        await self.waiters.wait(within: time) { self.count == 0 }
    }
}
