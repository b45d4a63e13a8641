// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// What counts as one source: an IPv4 address, or the /64 of an IPv6 address, all of which one host may have.
struct SourceKey: Hashable, Sendable {
    private let address: IPAddress

    init(_ address: IPAddress) {
        self.address = address.networkOfOneHost
    }
}
