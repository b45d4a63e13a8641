// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import RelayCore
import Testing

@Suite("Bounds of a link")
struct LinkBoundsTests {
    /// `@unchecked Sendable` holds because a test uses it on the executor only.
    private final class Running: @unchecked Sendable {
        let executor = ManualExecutor()
        let local = ScriptedEndpoint("local", closing: .independent)
        let remote = ScriptedEndpoint("remote", closing: .independent)
        let link: Link
        private var task: Task<LinkOutcome, Never>?

        init(_ bounds: LinkBounds) {
            self.link = Link(local: self.local, remote: self.remote, executor: self.executor, bounds: bounds)
        }

        func start() async {
            self.task = Task.detached(executorPreference: self.executor) { await self.link.run() }
            await self.executor.settle()
        }

        func wait() async -> LinkOutcome { await self.task?.value ?? .cancelled }
    }

    private static func run(
        _ bounds: LinkBounds,
        _ body: @escaping @Sendable (Running) async throws -> Void
    ) async throws {
        let running = Running(bounds)
        try await withTaskExecutorPreference(running.executor) {
            await running.start()
            try await body(running)
        }
    }

    @Test
    func withoutBoundsNoTimerRuns() async throws {
        try await Self.run(LinkBounds()) { on in
            on.local.say("hello")
            await on.executor.settle()
            #expect(on.executor.delays.isEmpty)
            on.link.cancel()
            _ = await on.wait()
        }
    }

    @Test
    func aLinkEndsWithItsLife() async throws {
        try await Self.run(LinkBounds(life: .seconds(60))) { on in
            #expect(on.executor.delays == [.seconds(60)])
            on.executor.fireTimers()
            guard case .expired(.life(.seconds(60))) = await on.wait() else {
                Issue.record("not expired")
                return
            }
            #expect(on.local.events.contains(.abort(.expired(.life(.seconds(60))))))
            #expect(on.remote.events.contains(.abort(.expired(.life(.seconds(60))))))
        }
    }

    @Test
    func anOrderlyEndStopsAllTimers() async throws {
        try await Self.run(LinkBounds(idleTime: .seconds(60), life: .seconds(60), bytesPerSecond: 1)) { on in
            on.local.end()
            on.remote.end()
            guard case .ended = await on.wait() else {
                Issue.record("not ended")
                return
            }
            #expect(on.executor.delays.isEmpty)
        }
    }

    @Test
    func aChunkIsFollowedByItsTime() async throws {
        try await Self.run(LinkBounds(bytesPerSecond: 10)) { on in
            on.local.say("0123456789")
            on.local.say("next")
            await on.executor.settle()
            #expect(on.remote.writtenText == "0123456789")
            #expect(on.executor.delays.count == 1)
            #expect(on.executor.delays.allSatisfy { $0 > .milliseconds(500) && $0 <= .seconds(1) })
            // The other direction has its own.
            on.remote.say("ab")
            await on.executor.settle()
            #expect(on.local.writtenText == "ab")
            on.executor.fireTimers()
            await on.executor.settle()
            #expect(on.remote.writtenText == "0123456789next")
            // A cancelled link does not wait for the rest.
            on.link.cancel()
            guard case .cancelled = await on.wait() else {
                Issue.record("not cancelled")
                return
            }
        }
    }
}
