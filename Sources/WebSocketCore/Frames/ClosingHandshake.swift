// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The end of a WebSocket: who has sent a Close, who has answered, who ends TCP (RFC 6455 §7.1). Frames and timers are
/// the caller's.
public struct ClosingHandshake: Sendable {
    private enum State {
        /// No Close either way. Next: `sending`, `replying`, `ended`.
        case open
        /// Our Close is on its way out, theirs has not come. Next: `sent`, `replying`, `ended`.
        case sending
        /// Our Close is out, theirs has not come. Next: `closed`, `ended`.
        case sent
        /// Their Close came, ours is on its way out. Next: `closed`, `ended`.
        case replying(to: CloseReason?)
        /// A Close went each way; TCP is to end. Next: `ended`.
        case closed(CloseReason?)
        /// TCP has ended. Final.
        case ended(Outcome)
    }
    private var state = State.open
    private let role: Role

    /// How a connection ended.
    public enum Outcome: Equatable, Sendable {
        /// A Close went each way before TCP ended. Holds the peer's reason; its code is 1005 if it gave none (§7.1.5).
        case clean(CloseReason)
        /// TCP ended before. Holds the peer's reason, or the code 1006 if no Close came (§7.1.5).
        case unclean(CloseReason)
    }

    /// What to do after ``close(_:)``.
    public enum OnClose: Equatable, Sendable {
        /// Send a Close with this reason after all that is to be sent; then call ``sent()``.
        case send(CloseReason?)
        /// A Close is already on its way, or it is too late for one.
        case nothing
    }

    /// What to do after ``received(_:)``.
    public enum OnReceived: Equatable, Sendable {
        /// Send a Close with this reason after all that is to be sent; then call ``sent()``.
        case reply(CloseReason?)
        /// Our Close is already on its way: go on sending it.
        case awaitSent
        /// End TCP now.
        case endTransport
        /// Wait for the server to end TCP, but not for ever.
        case awaitTransportEnd
        /// Nothing counts after a Close.
        case nothing
    }

    /// What to do after ``sent()``.
    public enum OnSent: Equatable, Sendable {
        /// Wait for the peer's Close, but not for ever.
        case awaitClose
        /// End TCP now.
        case endTransport
        /// Wait for the server to end TCP, but not for ever.
        case awaitTransportEnd
        /// No Close was being sent.
        case nothing
    }

    /// The end of a connection that is open.
    ///
    /// - Parameter role: Our role. The server ends TCP first, so that it is not the client that has to hold the port for
    ///   a while (§7.1.1).
    public init(role: Role) {
        self.role = role
    }

    /// We want to close, for `reason`.
    public mutating func close(_ reason: CloseReason?) -> OnClose {
        switch self.state {
        case .open:
            self.state = .sending
            return .send(reason)
        case .sending, .sent, .replying, .closed, .ended:
            return .nothing
        }
    }

    /// The peer's Close came.
    public mutating func received(_ reason: CloseReason?) -> OnReceived {
        switch self.state {
        case .open:
            self.state = .replying(to: reason)
            return .reply(reason.map { CloseReason($0.code) })
        case .sending:
            self.state = .replying(to: reason)
            return .awaitSent
        case .sent:
            self.state = .closed(reason)
            switch self.role {
            case .client: return .awaitTransportEnd
            case .server: return .endTransport
            }
        case .replying, .closed, .ended:
            return .nothing
        }
    }

    /// Our Close is out: the transport took its last byte.
    public mutating func sent() -> OnSent {
        switch self.state {
        case .sending:
            self.state = .sent
            return .awaitClose
        case .replying(let reason):
            self.state = .closed(reason)
            switch self.role {
            case .client: return .awaitTransportEnd
            case .server: return .endTransport
            }
        case .open, .sent, .closed, .ended:
            return .nothing
        }
    }

    /// TCP has ended, whoever ended it.
    public mutating func transportEnded() -> Outcome {
        let outcome: Outcome
        switch self.state {
        case .open, .sending, .sent:
            outcome = .unclean(CloseReason(.abnormal))
        case .replying(let reason):
            outcome = .unclean(reason ?? CloseReason(.noStatus))
        case .closed(let reason):
            outcome = .clean(reason ?? CloseReason(.noStatus))
        case .ended(let earlier):
            outcome = earlier
        }
        self.state = .ended(outcome)
        return outcome
    }
}
