// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import RelayCore
import Synchronization
import Testing

@testable import Endpoints

@Suite("Tasks on an event loop")
struct EventLoopExecutorTests {
    private let executor = EventLoops.forTests.next()

    @Test func jobsRunOnTheLoopsThread() async {
        let executor = self.executor
        await Task.detached(executorPreference: executor) { #expect(executor.eventLoop.inEventLoop) }.value
    }

    @Test func afterAWaitForAnotherThreadTheTaskIsBack() async throws {
        let executor = self.executor
        try await Task.detached(executorPreference: executor) {
            for _ in 0..<50 {
                try await NIOThreadPool.singleton.runIfActive {}
                #expect(executor.eventLoop.inEventLoop)
                await Task.yield()
                #expect(executor.eventLoop.inEventLoop)
            }
        }.value
    }

    @Test func childTasksRunThereToo() async {
        let executor = self.executor
        await Task.detached(executorPreference: executor) {
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<10 { group.addTask { executor.eventLoop.inEventLoop } }
                for await isThere in group { #expect(isThere) }
            }
        }.value
    }

    @Test func aJobThatGetsReadyOnTheLoopRunsAtOnce() async throws {
        let executor = self.executor
        try await executor.eventLoop.submit {
            let hasRun = Flag()
            Task.detached(executorPreference: executor) { hasRun.set() }
            #expect(hasRun.isSet)
        }.get()
    }

    @Test func aContinuationResumedOnTheLoopGoesOnAtOnce() async throws {
        let executor = self.executor
        let (hasResumed, waiter) = (Flag(), Waiter())
        let task = Task.detached(executorPreference: executor) {
            await withCheckedContinuation { continuation in waiter.set(continuation) }
            hasResumed.set()
        }
        // The task came first, so it waits by now.
        try await executor.eventLoop.submit {
            waiter.resume()
            #expect(hasResumed.isSet)
        }.get()
        await task.value
    }

    @Test func nestedJobsWaitTheirTurnInOrder() async throws {
        let executor = self.executor
        let order = Order()
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            executor.eventLoop.execute {
                Task.detached(executorPreference: executor) {
                    for number in 1...3 {
                        Task.detached(executorPreference: executor) {
                            order.append(number)
                            Task.detached(executorPreference: executor) { order.append(number * 10) }
                        }
                    }
                    order.append(0)
                }
                // All of them have run within this callback.
                done.resume()
            }
        }
        #expect(order.numbers == [0, 1, 2, 3, 10, 20, 30])
    }

    /// Without turns, each would lie on the stack of the one before.
    @Test func aLongChainOfJobsKeepsTheStackFlat() async throws {
        let executor = self.executor
        await Task.detached(executorPreference: executor) {
            for _ in 0..<100_000 { await Task.yield() }
        }.value
    }

    @Test func jobsFromManyThreadsAllRun() async {
        let executor = self.executor
        var count = 0
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    await Task.detached(executorPreference: executor) {
                        #expect(executor.eventLoop.inEventLoop)
                    }.value
                }
            }
            for await _ in group { count += 1 }
        }
        #expect(count == 500)
    }

    @Test func aScheduledCallComesOnTheLoop() async {
        let executor = self.executor
        await withCheckedContinuation { called in
            _ = executor.schedule(after: .zero) {
                #expect(executor.eventLoop.inEventLoop)
                called.resume()
            }
        }
    }

    @Test func aCancelledCallNeverComes() async throws {
        let executor = self.executor
        let hasCome = Flag()
        // On the loop, where it can't come in between.
        try await executor.eventLoop.submit {
            let cancel = executor.schedule(after: .milliseconds(1)) { hasCome.set() }
            cancel()
        }.get()
        // Calls come in the order of their times.
        await withCheckedContinuation { later in _ = executor.schedule(after: .milliseconds(2)) { later.resume() } }
        #expect(!hasCome.isSet)
    }

    @Test func eachLoopHasOneExecutor() throws {
        let loops = try EventLoops(count: 2)
        let (first, second) = (loops.next(), loops.next())
        #expect(first !== second)
        #expect(first === loops.next())
        #expect(loops.executor(for: first.eventLoop) === first)
        #expect(loops.executor(for: second.eventLoop) === second)
    }
}

/// Numbers in the order in which they came.
private final class Order: Sendable {
    private let list = Mutex<[Int]>([])

    var numbers: [Int] { self.list.withLock { $0 } }

    func append(_ number: Int) { self.list.withLock { $0.append(number) } }
}

/// A continuation that is set before, or resumed after, it is there.
private final class Waiter: Sendable {
    private let state = Mutex<(continuation: CheckedContinuation<Void, Never>?, isResumed: Bool)>((nil, false))

    func set(_ continuation: CheckedContinuation<Void, Never>) {
        let isResumed = self.state.withLock { state in
            state.continuation = continuation
            return state.isResumed
        }
        if isResumed { continuation.resume() }
    }

    func resume() {
        let continuation = self.state.withLock { state in
            state.isResumed = true
            return state.continuation
        }
        continuation?.resume()
    }
}
