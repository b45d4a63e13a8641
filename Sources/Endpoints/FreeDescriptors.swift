// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// Whether the process may open so many more descriptors: for libraries that do not survive it when they may not.
public enum FreeDescriptors {
    /// - Throws: `.exhausted` when there are fewer than `count`.
    public static func require(_ count: Int) throws(EndpointError) {
        var descriptors: [CInt] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        for _ in 0..<count {
            let descriptor = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            if descriptor < 0 {
                let error = IOError(errnoCode: errno, reason: "open")
                guard error.isExhaustion else { return }
                throw .exhausted(reason: error.errnoDescription)
            }
            descriptors.append(descriptor)
        }
    }
}
