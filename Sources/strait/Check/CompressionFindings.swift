// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// Whether a path offers permessage-deflate, as a connection of its own has shown.
struct CompressionFindings: Equatable {
    /// What was agreed on; `nil`: the extension was offered and not taken.
    let agreed: String?
    /// `strait-half-close` was agreed on the same path.
    let halfClose: Bool
    /// The relay shall compress (`--compressed`).
    let isWanted: Bool

    init(_ upgrade: Upgrade, isWanted: Bool) {
        self.agreed = upgrade.extensions.first { $0.hasPrefix(Self.name) }
        self.halfClose = upgrade.halfClose
        self.isWanted = isWanted
    }

    func step(time: Duration) -> CheckStep {
        CheckStep(
            name: .compression,
            result: self.agreed == nil && self.isWanted ? .warning : .ok,
            time: time,
            detail: self.detail,
            advice: self.agreed == nil && self.isWanted ? Self.advice : nil,
            facts: [("agreed", .bool(self.agreed != nil)), ("parameters", .optional(self.agreed))]
        )
    }

    private var detail: String {
        guard let agreed else {
            return self.isWanted ? "\(Self.name) is not taken: nothing is compressed" : "\(Self.name) is not taken"
        }
        if self.halfClose { return "\(agreed) is taken" }
        return "\(agreed) is taken, so extensions pass, and it is the peer that knows no half-close"
    }

    private static let name = "permessage-deflate"
    private static let advice =
        "have the peer compress (a Strait: --compressed), and what stands between pass Sec-WebSocket-Extensions on"
}
