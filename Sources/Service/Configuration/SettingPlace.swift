// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Where a setting stands.
public enum SettingPlace: Hashable, Sendable, CustomStringConvertible {
    case commandLine
    case file(String, line: Int)

    /// As a message begins.
    public var description: String {
        switch self {
        case .commandLine: "command line"
        case .file(let name, let line): "\(name):\(line)"
        }
    }
}
