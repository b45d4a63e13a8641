// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Runs the tasks of a link on the one thread that owns both of its endpoints, and its timers.
public protocol LinkExecutor: TaskExecutor {
    /// Calls `body` on this executor's thread after `delay`.
    ///
    /// - Returns: a function that cancels the call.
    func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void
}
