// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// Those who wait until something is over, each for as long as it wants to.
public final class WaitList: Sendable {
    private struct State {
        var nextID = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = NIOLockedValueBox(State())

    /// Nobody waits.
    public init() {}

    /// Waits for `resumeAll`, or until the time is over.
    ///
    /// - Parameter isOver: Asked once no `resumeAll` can be missed any more; if so, there is nothing to wait for.
    public func wait(within time: Duration, unless isOver: @Sendable () -> Bool) async {
        guard time > .zero else { return }
        let timeout = NIOLockedValueBox<Task<Void, Never>?>(nil)
        await withCheckedContinuation { continuation in
            let id = self.state.withLockedValue { state in
                state.nextID += 1
                state.waiters[state.nextID] = continuation
                return state.nextID
            }
            guard !isOver() else { return self.resume(id) }
            let task = Task {
                guard (try? await Task.sleep(for: time)) != nil else { return }
                self.resume(id)
            }
            timeout.withLockedValue { $0 = task }
        }
        timeout.withLockedValue { $0 }?.cancel()
    }

    /// It is over for all who wait now.
    public func resumeAll() {
        let waiters = self.state.withLockedValue { state in
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    private func resume(_ id: Int) {
        self.state.withLockedValue { $0.waiters.removeValue(forKey: id) }?.resume()
    }
}
