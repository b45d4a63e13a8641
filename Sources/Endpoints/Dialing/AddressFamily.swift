// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Which addresses of a name are used: all, `-4` or `-6`.
public enum AddressFamily: Sendable {
    case any
    case ipv4
    case ipv6
}
