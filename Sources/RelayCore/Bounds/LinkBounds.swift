// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What a link may have at most. `nil`: any.
public struct LinkBounds: Hashable, Sendable {
    /// How long no byte may go through it in either direction.
    public var idleTime: Duration?
    /// How long it may be open.
    public var life: Duration?
    /// How many bytes may go through it in a second, in each direction.
    public var bytesPerSecond: Int?

    /// By default nothing is bounded.
    public init(idleTime: Duration? = nil, life: Duration? = nil, bytesPerSecond: Int? = nil) {
        self.idleTime = idleTime
        self.life = life
        self.bytesPerSecond = bytesPerSecond
    }
}
