// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// What the program can do: the relay, which has no name of its own, and the subcommands.
protocol Command: ParsableCommand, Sendable {
    var output: OutputOptions { get }

    /// How many event loops it starts: how many descriptors it needs before the first of them.
    var loopCount: Int { get }

    /// Whether the arguments go together. An option that does not exist has been found by then, so that its value is
    /// not taken for an address.
    func check() throws

    /// Does it; the log is in place.
    func perform() async -> ExitStatus
}

extension Command {
    /// As a user types it: `strait`, `strait check`.
    static var name: String { Self.configuration.commandName ?? "strait" }

    /// A command line whose arguments exist and go together.
    static func checked(_ arguments: [String]) throws -> Self {
        let command = try Self.parse(arguments)
        try command.check()
        return command
    }
}
