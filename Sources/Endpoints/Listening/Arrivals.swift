// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// How many connections have been accepted and are not served yet: they are on their way from the listener's event loop to
/// their own, or the header of a proxy is awaited. Their clients have been let in, so nobody may be told to go.
public final class Arrivals: Sendable {
    private struct State {
        var count = 0
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = NIOLockedValueBox(State())

    /// None yet.
    public init() {}

    func add() {
        self.state.withLockedValue { $0.count += 1 }
    }

    func remove() {
        let waiters = self.state.withLockedValue { state in
            state.count -= 1
            guard state.count == 0 else { return [Int: CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    var isEmpty: Bool { self.state.withLockedValue { $0.count == 0 } }

    /// Waits until there is none, or until the time is over.
    public func waitUntilNone(within time: Duration) async {
        guard time > .zero else { return }
        let id = self.state.withLockedValue { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let timeout = NIOLockedValueBox<Task<Void, Never>?>(nil)
        await withCheckedContinuation { continuation in
            let isEmpty = self.state.withLockedValue { state in
                if state.count > 0 { state.waiters[id] = continuation }
                return state.count == 0
            }
            guard !isEmpty else { return continuation.resume() }
            // Only now, so that it finds the waiter.
            let task = Task {
                guard (try? await Task.sleep(for: time)) != nil else { return }
                self.state.withLockedValue { $0.waiters.removeValue(forKey: id) }?.resume()
            }
            timeout.withLockedValue { $0 = task }
        }
        timeout.withLockedValue { $0 }?.cancel()
    }
}
