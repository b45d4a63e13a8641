// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Waiting until something is over")
struct WaitListTests {
    private let list = WaitList()

    /// The question is asked when whoever waits is in the list, so what ends everything then ends this wait.
    @Test func anEndThatComesWithTheQuestionIsNotMissed() async {
        await self.list.wait(within: .seconds(3600)) {
            self.list.resumeAll()
            return false
        }
    }

    @Test func whatIsOverIsNotWaitedFor() async {
        await self.list.wait(within: .seconds(3600)) { true }
    }

    @Test func timeEndsTheWait() async {
        await self.list.wait(within: .milliseconds(1)) { false }
    }

    @Test func withoutTimeNobodyIsAsked() async {
        await self.list.wait(within: .zero) {
            Issue.record("asked")
            return false
        }
    }

    @Test func allWhoWaitAreTold() async {
        let (questions, asked) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    await self.list.wait(within: .seconds(3600)) {
                        asked.yield()
                        return false
                    }
                }
            }
            var iterator = questions.makeAsyncIterator()
            for _ in 0..<10 { await iterator.next() }
            self.list.resumeAll()
        }
    }
}
