// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What an end that sends frames can say besides bytes.
public struct FrameStatistics: Hashable, Sendable {
    /// Frames of all kinds that were sent.
    public var sent: UInt64
    /// Frames of all kinds that came.
    public var received: UInt64
    /// How the peer said goodbye, such as `1000 (normal)`; `nil` if it has not.
    public var goodbye: String?

    /// These numbers.
    public init(sent: UInt64 = 0, received: UInt64 = 0, goodbye: String? = nil) {
        self.sent = sent
        self.received = received
        self.goodbye = goodbye
    }
}
