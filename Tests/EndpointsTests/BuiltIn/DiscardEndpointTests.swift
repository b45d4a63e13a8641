// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore
import Testing

@testable import Endpoints

@Suite("discard:")
struct DiscardEndpointTests {
    @Test func takesEverythingAndSaysNothing() async throws {
        try await onEventLoop { executor in
            let discard = DiscardEndpoint()
            let hasEnded = Flag()
            let reading = Task.detached(executorPreference: executor) {
                let chunk = try await discard.read()
                hasEnded.set()
                return chunk == nil
            }
            for _ in 0..<10 { try await discard.write(Chunk(pattern(100_000))) }
            #expect(!hasEnded.isSet)
            discard.finish()
            #expect(try await reading.value)
        }
    }

    @Test func staysEndedAfterTheOtherDirectionHas() async throws {
        try await onEventLoop { _ in
            let discard = DiscardEndpoint()
            discard.finish()
            for _ in 0..<2 {
                let end = try await discard.read()
                #expect(end == nil)
            }
        }
    }

    @Test func stopAndAbortWakeAWaitingReader() async throws {
        for end in [{ $0.stop() }, { $0.abort(.goingAway) }] as [@Sendable (DiscardEndpoint) -> Void] {
            try await onEventLoop { executor in
                let discard = DiscardEndpoint()
                let reading = Task.detached(executorPreference: executor) { try await discard.read() == nil }
                try await executor.eventLoop.submit {}.get()
                end(discard)
                #expect(try await reading.value)
            }
        }
    }
}
