// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// What is said on stderr.
struct OutputOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "A line for each step; -vv one for each frame, too.")
    var verbose: Int

    @Flag(name: .shortAndLong, help: "Nothing on stderr.")
    var silent = false
}
