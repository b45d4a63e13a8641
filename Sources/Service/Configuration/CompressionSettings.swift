// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import WebSocketCore

/// permessage-deflate, as keys name it.
struct CompressionSettings: Sendable {
    private var isWanted = false
    private var window = DeflateWindow.small

    /// What is agreed to; `nil`: no compression.
    var agreed: DeflateWindow? { self.isWanted ? self.window : nil }

    /// - Returns: `false` if it is none of its keys.
    mutating func apply(_ setting: Setting) throws(ConfigurationError) -> Bool {
        let reader = SettingReader(setting: setting)
        switch setting.key {
        case "compressed": self.isWanted = try reader.flag()
        case "compress-window":
            let bits = try reader.number()
            // zlib compresses with no less than 9.
            guard bits >= 9, let window = DeflateWindow(bits: bits) else {
                throw reader.failure("a window of \(bits) bits", "use 9 to 15")
            }
            self.window = window
        default: return false
        }
        return true
    }
}
