// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What a Ping or a Pong carries: at most 125 bytes (RFC 6455 §5.5).
public struct ControlPayload: Equatable, Sendable {
    /// The bytes, clear.
    public let bytes: ByteBuffer

    /// No bytes.
    public init() {
        self.bytes = ByteBuffer()
    }

    /// These bytes, or `nil` if they are more than 125.
    public init?(_ bytes: ByteBuffer) {
        guard bytes.readableBytes <= FrameHeader.maximumShortLength else { return nil }
        self.bytes = bytes
    }

    /// The number of bytes.
    public var count: Int { self.bytes.readableBytes }
}
