// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Fires once one side has been silent for a while.
///
/// `@unchecked Sendable` holds because it is made, touched, fired and cancelled on the link's executor only.
final class IdleTimer: @unchecked Sendable {
    private let side: Side
    private let executor: any LinkExecutor
    private let undelivered: () -> Int
    private let body: @Sendable () -> Void
    private var silence: Silence
    private var cancelScheduled: (@Sendable () -> Void)?

    /// - Parameters:
    ///   - previous: the timer whose place it takes.
    ///   - undelivered: how many bytes the side's peer still has to take.
    init(
        _ duration: Duration,
        idle side: Side,
        executor: any LinkExecutor,
        after previous: IdleTimer? = nil,
        undelivered: @escaping () -> Int = { 0 },
        _ body: @escaping @Sendable () -> Void
    ) {
        self.side = side
        self.executor = executor
        self.undelivered = undelivered
        self.body = body
        let (now, owed) = (ContinuousClock.now, undelivered())
        let known = previous?.side == side ? previous?.silence : nil
        self.silence = Silence(limit: duration, undelivered: owed, at: now, after: known)
        self.schedule(after: self.silence.look(undelivered: owed, at: now) ?? .zero)
    }

    /// A byte of `side` has moved.
    func touch(_ side: Side) {
        if side == self.side { self.silence.heard(at: .now) }
    }

    func cancel() {
        self.cancelScheduled?()
        self.cancelScheduled = nil
    }

    private func schedule(after delay: Duration) {
        self.cancelScheduled = self.executor.schedule(after: delay) { [weak self] in
            guard let self, self.cancelScheduled != nil else { return }
            if let wait = self.silence.look(undelivered: self.undelivered(), at: .now) {
                self.schedule(after: wait)
            } else {
                self.body()
            }
        }
    }
}
