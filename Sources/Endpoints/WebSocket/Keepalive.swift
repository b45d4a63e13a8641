// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore

/// When to send a Ping and when to give the peer up. Any byte received, and any of our bytes accepted, is life.
struct Keepalive {
    private enum State {
        /// Next: `pinged`.
        case listening
        /// A Ping is out since then, when the peer had acknowledged so many bytes. Next: `listening`.
        case pinged(at: NIODeadline, acknowledged: Int)
    }

    enum Action: Equatable {
        case wait(Duration)
        case ping(thenWait: Duration)
        case giveUp(after: Duration)
    }

    private var state = State.listening
    private let interval: TimeAmount
    private let timeout: TimeAmount

    init(interval: Duration, timeout: Duration) {
        self.interval = TimeAmount(interval)
        self.timeout = TimeAmount(timeout)
    }

    /// After which time to call `tick` first; `nil` when Pings are off.
    var firstDelay: Duration? { self.interval.nanoseconds > 0 ? Duration(self.interval) : nil }

    /// Time has passed.
    ///
    /// - Parameters:
    ///   - acknowledged: how many of our bytes the peer's kernel has taken.
    ///   - readingSince: `nil` while our own side has no room, so that the peer's bytes can't be seen.
    mutating func tick(
        at now: NIODeadline,
        lastRead: NIODeadline,
        acknowledged: Int,
        readingSince: NIODeadline?
    ) -> Action {
        switch (self.state, readingSince) {
        case (.pinged(let at, let before), let readingSince?)
        where lastRead < at && acknowledged <= before + Self.pingLength:
            // What came while we did not read is still to be seen.
            let silentSince = max(at, readingSince)
            if now - silentSince >= self.timeout { return .giveUp(after: Duration(self.timeout)) }
            return .wait(Duration(min(silentSince + self.timeout - now, self.interval)))
        case (.pinged, _), (.listening, _):
            let silence = now - lastRead
            if silence >= self.interval {
                self.state = .pinged(at: now, acknowledged: acknowledged)
                return .ping(thenWait: Duration(min(self.timeout, self.interval)))
            }
            self.state = .listening
            return .wait(Duration(self.interval - silence))
        }
    }

    /// Its kernel taking the Ping itself is no life of the peer: header, and mask key.
    private static let pingLength = 6
}
