// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether a balancer should send clients here: not before the listeners are open, and not any more once a drain began.
public final class Readiness: Sendable {
    /// Where the service is in its life.
    public enum Phase: UInt8, Sendable, AtomicRepresentable {
        /// Listeners are not open yet.
        case starting
        /// Clients are welcome.
        case ready
        /// Links go on, new ones are not taken.
        case draining

        /// As `/readyz` says it.
        var word: String {
            switch self {
            case .starting: "starting"
            case .ready: "ready"
            case .draining: "draining"
            }
        }
    }

    private let current = Atomic(Phase.starting)

    /// Starting.
    public init() {}

    /// Where it is now.
    public var phase: Phase {
        get { self.current.load(ordering: .relaxed) }
        set { self.current.store(newValue, ordering: .relaxed) }
    }
}
