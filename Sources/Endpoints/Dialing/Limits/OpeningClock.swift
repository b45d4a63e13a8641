// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The time that an opening has: all of its steps in all, and some of them each.
struct OpeningClock: Sendable {
    /// When the first step began.
    private let start = NIODeadline.now()
    private let limits: OpeningLimits

    init(_ limits: OpeningLimits) {
        self.limits = limits
    }

    /// What holds for a step that begins now.
    ///
    /// - Parameter limit: its own one. If the whole time ends earlier, or if there is none, it is the whole time.
    func begin(_ limit: OpeningLimit) -> OpeningDeadline {
        self.own(limit) ?? OpeningDeadline(limit: .whole, time: self.limits.whole, end: self.end)
    }

    /// - Returns: `nil` if `limit` is not set, or ends later than the whole time.
    func own(_ limit: OpeningLimit) -> OpeningDeadline? {
        guard let time = self.limits[limit] else { return nil }
        let end = NIODeadline.now() + TimeAmount(time)
        return end < self.end ? OpeningDeadline(limit: limit, time: time, end: end) : nil
    }

    /// The whole time is up.
    func expired(in step: OpeningStep) -> EndpointError { self.begin(.whole).expired(in: step) }

    private var end: NIODeadline { self.start + TimeAmount(self.limits.whole) }
}
