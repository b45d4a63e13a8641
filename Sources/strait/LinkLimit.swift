// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import NIOConcurrencyHelpers
import NIOCore

/// How many links a listener has, handshakes included, and how many it may have.
final class LinkLimit: Sendable {
    private struct State {
        var count = 0
        var warning = SpacedWarning()
    }
    private let state = NIOLockedValueBox(State())
    /// Zero: any number.
    let limit: Int

    init(_ limit: Int) {
        self.limit = limit
    }

    enum OnTake: Equatable {
        /// Call `release` at its end.
        case taken
        /// There is no room. The listener's operator should be told, unless that was done a short while ago.
        case full(isNews: Bool)
    }

    /// One more link.
    func take() -> OnTake {
        self.state.withLockedValue { state in
            guard self.limit > 0, state.count >= self.limit else {
                state.count += 1
                return .taken
            }
            return .full(isNews: state.warning.isDue(at: .now()))
        }
    }

    /// A link has ended.
    func release() {
        self.state.withLockedValue { $0.count -= 1 }
    }
}
