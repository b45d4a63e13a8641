// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension NIODeadline {
    /// How long ago it was.
    var elapsed: Duration { Duration(.now() - self) }
}
