// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The time that all steps of an opening share.
struct OpeningClock: Sendable {
    /// When the first step began.
    let start = NIODeadline.now()
    /// For all of them.
    let limit: Duration

    /// What is left of it, at least a moment: whoever waits no longer says so.
    var left: Duration { max(.milliseconds(1), self.limit - Duration(NIODeadline.now() - self.start)) }

    /// The error for a step that was under way when time was up.
    func expired(in step: OpeningStep) -> EndpointError { .timedOut(step, after: self.limit) }
}
