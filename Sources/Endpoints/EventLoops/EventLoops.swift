// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import CMalloc
import NIOCore
import NIOPosix

/// The event loops of the process, each with the one executor that runs jobs on it.
///
/// One loop serves a single link; a listener takes a loop for each core. Loops are not shut down: the process ends.
public final class EventLoops: Sendable {
    let group: MultiThreadedEventLoopGroup
    /// Blocking file I/O of standard streams; its threads start at first use.
    let blocking = NIOThreadPool.singleton
    private let executors: [EventLoopExecutor]

    /// Looks names up. A listener's is larger, so that names whose servers are slow do not hold up the links to others.
    var resolving: NIOThreadPool { self.executors.count > 1 ? Self.resolvingForMany : self.blocking }

    private static let resolvingForMany: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 16)
        pool.start()
        return pool
    }()

    /// How many loops make use of the whole machine.
    public static var coreCount: Int { System.coreCount }

    /// - Parameter count: how many threads run loops.
    /// - Throws: `.exhausted` when there are too few descriptors for that many.
    public init(count: Int) throws(OpeningError) {
        do throws(EndpointError) {
            try FreeDescriptors.require(count * Self.descriptorsOfALoop)
        } catch {
            throw OpeningError(name: "event loop", reason: error)
        }
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: count)
        self.executors = self.group.makeIterator().map(EventLoopExecutor.init)
    }

    /// What accepted WebSockets have carried so far.
    public var traffic: TrafficTotals { self.executors.map(\.traffic.totals).reduce(TrafficTotals(), +) }

    /// Whether each loop comes to something new within `time`: none is stuck.
    public func answer(within time: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for executor in self.executors {
                group.addTask {
                    // A loop that is stuck can't be cancelled, so what waits for it is left behind.
                    let (answers, continuation) = AsyncStream.makeStream(of: Void.self)
                    executor.eventLoop.execute {
                        continuation.yield()
                        continuation.finish()
                    }
                    for await _ in answers { return true }
                    return false
                }
            }
            group.addTask {
                try? await Task.sleep(for: time)
                return false
            }
            for _ in self.executors {
                guard await group.next() == true else {
                    group.cancelAll()
                    return false
                }
            }
            group.cancelAll()
            return true
        }
    }

    /// Gives back to the kernel what the loops keep for links to come, and what is free.
    ///
    /// By itself malloc(3) keeps what lies below anything in use, for each thread: some MiB after a burst of links whose
    /// peers were slow. To look for it takes a loop about a millisecond.
    func releaseMemory() {
        for executor in self.executors {
            executor.eventLoop.execute {
                ReadBuffers.current.removeAll()
                malloc_trim(0)
            }
        }
    }

    /// The executor for a link that has no socket yet.
    public func next() -> EventLoopExecutor {
        self.executor(for: self.group.next())
    }

    func executor(for eventLoop: any EventLoop) -> EventLoopExecutor {
        self.executors.first { $0.eventLoop === eventLoop } ?? self.executors[0]
    }

    /// epoll, event and timer descriptor. NIO would end the process if it could not have them.
    public static let descriptorsOfALoop = 3
}
