// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A key of the configuration with what is set, as the file or the command line has it.
///
/// Both are texts until the key says what they mean, so an option and the key of its name take the same values.
public struct Setting: Equatable, Sendable {
    /// One of the values of a list, or the only one.
    public struct Value: Equatable, Sendable {
        /// What was written.
        public enum Content: Equatable, Sendable {
            case text(String)
            /// Keys with their own values: a route of the file.
            case settings([Setting])
        }
        let content: Content
        let place: SettingPlace
    }

    let key: String
    let values: [Value]
    /// It was written as a list, with as many values as there are.
    let isList: Bool
    let place: SettingPlace

    /// An option of the command line, once or repeated.
    public static func option(_ key: String, _ values: [String]) -> Setting {
        Setting(
            key: key,
            values: values.map { Value(content: .text($0), place: .commandLine) },
            isList: true,
            place: .commandLine
        )
    }
}
