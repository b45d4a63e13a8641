// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import RelayCore

/// A link that is open, and what it has carried so far.
public struct OpenLink: Sendable {
    /// As logs know it.
    public let info: LinkInfo
    /// Bytes each way.
    public let counters: LinkCounters
    /// Frames to and from the client.
    public let frames: FrameStatistics
    /// How long it has been open.
    public let life: Duration
}
