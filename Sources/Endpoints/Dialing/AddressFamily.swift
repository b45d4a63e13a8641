// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Which addresses of a name are used: all, `-4` or `-6`.
public enum AddressFamily: Sendable {
    case any
    case ipv4
    case ipv6
}

extension IPAddress {
    /// The one that names are looked up in to reach it.
    var addressFamily: AddressFamily {
        switch self.family {
        case .ipv4: .ipv4
        case .ipv6: .ipv6
        }
    }
}
