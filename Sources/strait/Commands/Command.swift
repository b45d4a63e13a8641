// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// What the program can do: the relay, which has no name of its own, and the subcommands.
protocol Command: ParsableCommand, Sendable {
    var output: OutputOptions { get }

    /// How many event loops it starts: how many descriptors it needs before the first of them.
    var loopCount: Int { get }

    /// Does it; the log is in place.
    func perform() async -> ExitStatus
}

extension Command {
    /// As a user types it: `strait`, `strait check`.
    static var name: String { Self.configuration.commandName ?? "strait" }
}
