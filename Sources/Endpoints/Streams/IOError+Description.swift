// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

extension IOError {
    /// The process or the machine is out of descriptors or memory, which may pass.
    var isExhaustion: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(self.errnoCode) }

    /// The system's words for its `errno`, such as `Connection refused`.
    var errnoDescription: String {
        guard let text = strerror(self.errnoCode) else { return "error \(self.errnoCode)" }
        return String(cString: text)
    }
}
