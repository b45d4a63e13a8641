// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Which command a command line means. A subcommand's name comes first; it is no address, so no relay begins so.
enum Commands {
    /// All subcommands, by their names.
    static let named: [String: any Command.Type] = ["check": CheckCommand.self, "serve": ServeCommand.self]

    /// - Parameter words: the command line without the program's name.
    /// - Returns: the command, and its own arguments.
    static func command(of words: [String]) -> (type: any Command.Type, arguments: [String]) {
        guard let first = words.first, let named = self.named[first] else { return (Arguments.self, words) }
        return (named, Array(words.dropFirst()))
    }
}
