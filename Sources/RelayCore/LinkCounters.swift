// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What has gone through a link.
public struct LinkCounters: Hashable, Sendable {
    /// Bytes read from LOCAL and accepted by REMOTE.
    public internal(set) var bytesToRemote: UInt64 = 0
    /// Bytes read from REMOTE and accepted by LOCAL.
    public internal(set) var bytesToLocal: UInt64 = 0

    /// Nothing yet.
    public init() {}

    /// Of both together.
    public static func + (one: LinkCounters, other: LinkCounters) -> LinkCounters {
        var sum = one
        sum.bytesToRemote &+= other.bytesToRemote
        sum.bytesToLocal &+= other.bytesToLocal
        return sum
    }

    mutating func add(_ count: Int, from side: Side) {
        switch side {
        case .local: self.bytesToRemote &+= UInt64(count)
        case .remote: self.bytesToLocal &+= UInt64(count)
        }
    }
}
