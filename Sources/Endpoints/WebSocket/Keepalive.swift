// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore

/// When to send a Ping and when to give the peer up. Any byte received, and any of our bytes accepted, is life.
struct Keepalive {
    private enum State {
        /// Next: `pinged`.
        case listening
        /// A Ping is out since then, behind so many bytes that the peer had not acknowledged. Next: `listening`.
        case pinged(at: NIODeadline, behind: Int)
    }

    enum Action: Equatable {
        case wait(Duration)
        case ping(thenWait: Duration)
        case giveUp(after: Duration)
    }

    private var state = State.listening
    private var lastAccepted: NIODeadline
    private let interval: TimeAmount
    private let timeout: TimeAmount

    init(interval: Duration, timeout: Duration, now: NIODeadline = .now()) {
        self.interval = TimeAmount(interval)
        self.timeout = TimeAmount(timeout)
        self.lastAccepted = now
    }

    /// After which time to call `tick` first; `nil` when Pings are off.
    var firstDelay: Duration? { self.interval.nanoseconds > 0 ? Duration(self.interval) : nil }

    /// The peer's socket took bytes of ours.
    mutating func accepted(at now: NIODeadline) {
        self.lastAccepted = now
    }

    /// Time has passed.
    ///
    /// - Parameter unacknowledged: bytes that the peer's kernel has not taken yet; fewer than before are life.
    mutating func tick(at now: NIODeadline, lastRead: NIODeadline, unacknowledged: Int) -> Action {
        switch self.state {
        case .pinged(let at, let behind) where max(lastRead, self.lastAccepted) < at && unacknowledged >= behind:
            if now - at >= self.timeout { return .giveUp(after: Duration(self.timeout)) }
            return .wait(Duration(min(at + self.timeout - now, self.interval)))
        case .pinged, .listening:
            let silence = now - lastRead
            if silence >= self.interval {
                self.state = .pinged(at: now, behind: unacknowledged)
                return .ping(thenWait: Duration(min(self.timeout, self.interval)))
            }
            self.state = .listening
            return .wait(Duration(self.interval - silence))
        }
    }
}
