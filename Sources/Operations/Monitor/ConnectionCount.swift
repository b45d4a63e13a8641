// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How many connections there are at a time.
final class ConnectionCount: Sendable {
    private let count = Atomic(0)

    /// - Returns: whether there is room; `leave` is to be called then.
    func enter(limit: Int) -> Bool {
        let before = self.count.wrappingAdd(1, ordering: .relaxed).oldValue
        if before >= limit { self.leave() }
        return before < limit
    }

    func leave() {
        self.count.wrappingSubtract(1, ordering: .relaxed)
    }
}
