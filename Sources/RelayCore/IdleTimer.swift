// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Fires once no byte has come from one side for a while.
///
/// `@unchecked Sendable` holds because it is made, touched, fired and cancelled on the link's executor only.
final class IdleTimer: @unchecked Sendable {
    private let duration: Duration
    private let side: Side
    private let executor: any LinkExecutor
    private let body: @Sendable () -> Void
    private var lastByte = ContinuousClock.now
    private var cancelScheduled: (@Sendable () -> Void)?

    init(_ duration: Duration, idle side: Side, executor: any LinkExecutor, _ body: @escaping @Sendable () -> Void) {
        self.duration = duration
        self.side = side
        self.executor = executor
        self.body = body
        self.schedule(after: duration)
    }

    /// A byte of `side` has moved.
    func touch(_ side: Side) {
        if side == self.side { self.lastByte = .now }
    }

    func cancel() {
        self.cancelScheduled?()
        self.cancelScheduled = nil
    }

    private func schedule(after delay: Duration) {
        self.cancelScheduled = self.executor.schedule(after: delay) { [weak self] in
            guard let self, self.cancelScheduled != nil else { return }
            let left = self.duration - (ContinuousClock.now - self.lastByte)
            if left > .zero { self.schedule(after: left) } else { self.body() }
        }
    }
}
