// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// How fast Pings and Pongs are read: whoever sends more is read later, and by TCP's window sends more slowly.
///
/// A second's worth may come at once.
struct ControlFrameRate {
    private let perSecond: Int
    /// When all frames so far would have come, one after the other at the rate.
    private var paidUntil = NIODeadline.uptimeNanoseconds(0)

    /// - Parameter perSecond: zero: any number.
    init(perSecond: Int) {
        self.perSecond = perSecond
    }

    /// One more has come.
    mutating func count(at now: NIODeadline) {
        guard self.perSecond > 0 else { return }
        self.paidUntil = max(self.paidUntil, now - .seconds(1)) + .nanoseconds(1_000_000_000 / Int64(self.perSecond))
    }

    /// When to read on; a time that has passed if there is no need to wait.
    var readsAgain: NIODeadline { self.paidUntil }
}
