// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
public import RelayCore

/// Runs a link's tasks on the event loop that owns its channels.
///
/// A job that becomes ready on the loop's own thread runs at once, inside the callback that made it ready: a chunk goes
/// from `read(2)` to `write(2)` without another trip through the loop, and the reader asks for the next one before NIO
/// would drop its read registration. That is what keeps a chunk at three system calls.
///
/// Tasks refer to their executor without keeping it alive, and may still be running when the last link that used it is
/// gone. So an executor lives as long as the process, as its event loop does.
///
/// `@unchecked Sendable` holds because `isRunning` and `ready` are touched on the loop's thread only.
public final class EventLoopExecutor: LinkExecutor, @unchecked Sendable {
    let eventLoop: any EventLoop
    /// What its links have carried.
    let traffic = LoopTraffic()
    private var isRunning = false
    private var ready = CircularBuffer<UnownedJob>()

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        _ = Unmanaged.passRetained(self)
    }

    /// Runs `job` at once when called on the loop's thread, else as soon as the loop comes to it.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if self.eventLoop.inEventLoop {
            self.run(job)
        } else {
            self.eventLoop.execute { self.run(job) }
        }
    }

    /// Calls `body` on the loop after `delay`; the result cancels that.
    public func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let scheduled = self.eventLoop.scheduleTask(in: TimeAmount(delay), body)
        return { scheduled.cancel() }
    }

    /// Jobs that get ready while one runs wait their turn, so the stack stays flat.
    private func run(_ job: UnownedJob) {
        guard !self.isRunning else { return self.ready.append(job) }
        self.isRunning = true
        job.runSynchronously(on: self.asUnownedTaskExecutor())
        while let next = self.ready.popFirst() {
            next.runSynchronously(on: self.asUnownedTaskExecutor())
        }
        self.isRunning = false
    }
}
