// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How the two directions of an endpoint end.
public enum Closing: Hashable, Sendable {
    /// Each direction ends by itself: TCP, Unix sockets, pipes, a WebSocket with `strait-half-close`.
    case independent
    /// Finishing it tells the peer that both directions end: a WebSocket's Close frame.
    ///
    /// - `patience`: how long no byte must have come from it before it is finished while its peer may still speak.
    /// - `answer`: how long after that its peer's own end is waited for, again without a byte.
    case together(patience: Duration, answer: Duration)
}
