// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RelayCore

/// A size on the command line: `16k`, `64m`, `1g`, each 1024 times the last; a plain number means bytes.
struct ByteSize: ExpressibleByArgument {
    let bytes: Int

    init(_ bytes: Int) {
        self.bytes = bytes
    }

    init?(argument: String) {
        guard let bytes = Int(byteSize: argument) else { return nil }
        self.bytes = bytes
    }

    var defaultValueDescription: String { self.bytes.byteSizeDescription }
}
