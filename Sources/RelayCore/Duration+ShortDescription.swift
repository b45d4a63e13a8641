// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// With the largest unit that keeps it whole, as the command line takes it: `30s`, `1500ms`, `5m`.
    public var shortDescription: String {
        let (seconds, attoseconds) = self.components
        let milliseconds = seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000
        if milliseconds % 1000 != 0 { return "\(milliseconds)ms" }
        if seconds % 60 != 0 || seconds == 0 { return "\(seconds)s" }
        return "\(seconds / 60)m"
    }
}
