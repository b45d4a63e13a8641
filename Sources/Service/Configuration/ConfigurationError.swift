// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What is wrong with the configuration: where, which key, why, and what to do.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where it stands.
    public var place: SettingPlace
    /// The key or option; `nil` if the place as a whole can't be read.
    public var key: String?
    /// What is wrong.
    public var problem: String
    /// What is allowed in its place.
    public var expected: String

    /// One line: `strait.yaml:12: max-links: "x" is no number (…)`, `--max-links: …`.
    public var description: String {
        let reason = "\(self.problem) (\(self.expected))"
        switch (self.place, self.key) {
        case (.commandLine, let key?): return "--\(key): \(reason)"
        case (.commandLine, nil): return reason
        case (.file, let key?): return "\(self.place): \(key): \(reason)"
        case (.file, nil): return "\(self.place): \(reason)"
        }
    }
}
