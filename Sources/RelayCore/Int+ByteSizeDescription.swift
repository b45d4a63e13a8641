// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

extension Int {
    /// As a size in bytes, with the largest unit that keeps it whole, as the command line takes it: `16k`, `1m`, `1500`.
    public var byteSizeDescription: String {
        for (unit, shift) in [("g", 30), ("m", 20), ("k", 10)] where self != 0 && self % (1 << shift) == 0 {
            return "\(self >> shift)\(unit)"
        }
        return "\(self)"
    }
}
