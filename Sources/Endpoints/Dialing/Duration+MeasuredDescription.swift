// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// A time that was measured, to three digits or so: `0.4ms`, `12ms`, `1.2s`, `125s`.
    public var measuredDescription: String {
        let (seconds, attoseconds) = self.components
        let tenths = seconds * 10_000 + attoseconds / 100_000_000_000_000
        switch tenths {
        case ..<100: return "\(tenths / 10).\(tenths % 10)ms"
        case ..<10_000: return "\(tenths / 10)ms"
        case ..<1_000_000: return "\(tenths / 10_000).\(tenths / 1000 % 10)s"
        case _: return "\(seconds)s"
        }
    }
}
