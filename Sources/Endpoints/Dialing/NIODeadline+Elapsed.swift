// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension NIODeadline {
    /// How long ago it was, for log lines: `12ms`.
    var elapsed: String { "\((NIODeadline.now() - self).nanoseconds / 1_000_000)ms" }
}
