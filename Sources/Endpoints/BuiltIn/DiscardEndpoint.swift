// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import RelayCore

/// `discard:` takes everything and says nothing; its direction ends with the other one.
///
/// `@unchecked Sendable` holds because all members are used on the link's event loop only.
final class DiscardEndpoint: Endpoint, @unchecked Sendable {
    let name = "discard:"
    var onOutputLost: (@Sendable (any Error) -> Void)?
    private var hasEnded = false
    private var reader: CheckedContinuation<Void, Never>?

    nonisolated(nonsending) func read() async throws -> Chunk? {
        if !self.hasEnded { await withCheckedContinuation { self.reader = $0 } }
        return nil
    }

    nonisolated(nonsending) func write(_ chunk: Chunk) async throws {}

    func finish() {
        self.hasEnded = true
        self.reader?.resume()
        self.reader = nil
    }

    func stop() { self.finish() }

    func abort(_ reason: AbortReason) { self.finish() }

    func close() async {}
}
