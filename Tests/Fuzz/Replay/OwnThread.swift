// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Runs `body` on a thread of its own, so that it neither keeps one of the few that all tests share, nor changes its
/// own midway.
func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Swift.Result { try body() }) }
        // Deep recursion on hostile input is to be found with as little as a main thread has.
        thread.stackSize = 8 << 20
        thread.start()
    }
}
