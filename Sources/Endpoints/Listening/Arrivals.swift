// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// How many connections have been accepted and are not served yet: they are on their way from the listener's event loop to
/// their own, or the header of a proxy is awaited. Their clients have been let in, so nobody may be told to go.
public final class Arrivals: Sendable {
    private let count = NIOLockedValueBox(0)
    private let waiters = WaitList()

    /// None yet.
    public init() {}

    func add() {
        self.count.withLockedValue { $0 += 1 }
    }

    func remove() {
        let isLast = self.count.withLockedValue { count in
            count -= 1
            return count == 0
        }
        if isLast { self.waiters.resumeAll() }
    }

    var isEmpty: Bool { self.count.withLockedValue { $0 == 0 } }

    /// Waits until there is none, or until the time is over.
    public func waitUntilNone(within time: Duration) async {
        await self.waiters.wait(within: time) { self.isEmpty }
    }
}
