// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import RelayCore
import Synchronization

/// Runs the tasks of a link on a queue of its own; its timers run only when a test says so.
final class ManualExecutor: LinkExecutor {
    private struct Timer {
        var delay: Duration
        var body: @Sendable () -> Void
    }
    private let queue = DispatchQueue(label: "strait.tests")
    private let timers = Mutex<(next: Int, waiting: [Int: Timer])>((0, [:]))

    init() {
        // Tasks refer to their executor without keeping it alive.
        _ = Unmanaged.passRetained(self)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let id = self.timers.withLock { timers in
            timers.next += 1
            timers.waiting[timers.next] = Timer(delay: delay, body: body)
            return timers.next
        }
        return { self.timers.withLock { $0.waiting[id] = nil } }
    }

    /// What timers wait for.
    var delays: [Duration] { self.timers.withLock { $0.waiting.values.map(\.delay) } }

    /// Lets all timers that wait now run out. Call it on this executor.
    func fireTimers() {
        let waiting = self.timers.withLock { timers in
            let waiting = timers.waiting.values
            timers.waiting = [:]
            return waiting
        }
        for timer in waiting { timer.body() }
    }

    /// Lets all tasks of this executor run until each of them waits. Call it on this executor.
    func settle() async {
        for _ in 0..<50 { await Task.yield() }
    }
}
