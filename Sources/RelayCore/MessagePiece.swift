// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Where a chunk stands in its message. Sinks of byte streams ignore it.
public struct MessagePiece: Hashable, Sendable {
    /// Text (UTF-8, checked by whoever made the chunk) or binary.
    public var isText: Bool
    /// The chunk ends its message.
    public var isFinal: Bool

    /// A piece of these properties.
    public init(isText: Bool, isFinal: Bool) {
        self.isText = isText
        self.isFinal = isFinal
    }
}
