// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What accepted WebSockets have carried: payload, and the frames that it came in.
public struct TrafficTotals: Hashable, Sendable {
    /// Payload from clients.
    public var bytesIn: UInt64 = 0
    /// Payload to clients.
    public var bytesOut: UInt64 = 0
    /// Frames from clients, control frames included.
    public var framesIn: UInt64 = 0
    /// Data frames to clients.
    public var framesOut: UInt64 = 0

    static func + (left: TrafficTotals, right: TrafficTotals) -> TrafficTotals {
        TrafficTotals(
            bytesIn: left.bytesIn &+ right.bytesIn,
            bytesOut: left.bytesOut &+ right.bytesOut,
            framesIn: left.framesIn &+ right.framesIn,
            framesOut: left.framesOut &+ right.framesOut
        )
    }
}
