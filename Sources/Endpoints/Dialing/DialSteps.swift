// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

/// Tells what has been reached while an address is opened, and how long it took: to the log, and to whoever wants it.
struct DialSteps: Sendable {
    /// What the user knows it by.
    let name: String
    let log: Logger
    let observer: (@Sendable (DialStep, Duration) -> Void)?

    func reached(_ step: DialStep, since start: NIODeadline) {
        let time = Duration(NIODeadline.now() - start)
        self.observer?(step, time)
        self.log.debug("\(self.name): \(step) in \(time.measuredDescription)")
    }
}
