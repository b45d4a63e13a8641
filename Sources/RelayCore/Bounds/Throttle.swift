// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Makes a pump wait after each chunk, so that it keeps to a rate: what is not asked for stays in the sender's kernel.
///
/// `@unchecked Sendable` holds because it is used on the link's executor only.
final class Throttle: @unchecked Sendable {
    private var rate: ByteRate
    private let executor: any LinkExecutor
    private var waiter: CheckedContinuation<Void, Never>?
    private var isStopped = false

    init(bytesPerSecond: Int, executor: any LinkExecutor) {
        self.rate = ByteRate(bytesPerSecond: bytesPerSecond, at: .now)
        self.executor = executor
    }

    /// Waits for the time that `count` bytes take, or until `stop`.
    func wait(for count: Int) async {
        let delay = self.rate.spend(count, at: .now)
        guard !self.isStopped, delay > .zero else { return }
        let cancel = self.executor.schedule(after: delay) { self.resume() }
        await withCheckedContinuation { self.waiter = $0 }
        cancel()
    }

    /// The pump waits no more.
    func stop() {
        self.isStopped = true
        self.resume()
    }

    private func resume() {
        // The pump may run at once, and be back with the next one before this returns.
        let waiter = self.waiter.take()
        waiter?.resume()
    }
}
