// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// A command under the name that its completions have: shells show nobody what begins with an underscore.
struct CompletedCommand<Wrapped: Command>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: Self.name, version: Version.current)
    }

    /// `_strait_relay`, `_strait_check`.
    static var name: String {
        "_strait_" + (Wrapped.name.split(separator: " ").dropFirst().first.map(String.init) ?? "relay")
    }

    @OptionGroup
    var command: Wrapped
}
