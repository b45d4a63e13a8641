// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// When a step has taken too long.
struct OpeningDeadline: Sendable {
    /// Which limit it is.
    let limit: OpeningLimit
    /// What that is set to.
    let time: Duration
    let end: NIODeadline

    /// What is left, at least a moment: whoever waits no longer says so.
    var left: Duration { max(.milliseconds(1), Duration(self.end - .now())) }

    /// The error for a step that was under way then.
    func expired(in step: OpeningStep) -> EndpointError { .timedOut(step, after: self.time, of: self.limit) }
}
