// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The configuration file, as settings with the lines that they stand on.
public enum ConfigurationFile {
    /// - Throws: `ConfigurationError` with the line of what can't be read.
    public static func settings(_ path: String) throws(ConfigurationError) -> [Setting] {
        let bytes: [UInt8]
        do throws(FileContents.Failure) {
            bytes = try FileContents.read(path, limit: Self.largest)
        } catch {
            throw ConfigurationError(
                place: .commandLine,
                key: "config",
                problem: "\(path): \(error.reason)",
                expected: error.hint
            )
        }
        return try self.settings(bytes, name: path)
    }

    /// - Parameter name: Of the file, for errors.
    static func settings(_ bytes: [UInt8], name: String) throws(ConfigurationError) -> [Setting] {
        do throws(YAMLError) {
            switch try YAMLParser.parse(bytes) {
            case nil: return []
            case .mapping(let entries, _)?:
                return try entries.map { entry throws(YAMLError) in try Self.setting(entry, name) }
            case .scalar(_, let line)?, .sequence(_, let line)?:
                throw YAMLError(line: line, problem: "no keys", expected: "write key: value lines")
            }
        } catch {
            throw ConfigurationError(
                place: .file(name, line: error.line),
                key: nil,
                problem: error.problem,
                expected: error.expected
            )
        }
    }

    private static func setting(_ entry: YAMLNode.Entry, _ name: String) throws(YAMLError) -> Setting {
        let place = SettingPlace.file(name, line: entry.line)
        switch entry.value {
        case .scalar, .mapping:
            let value = try Self.value(entry.value, name)
            return Setting(key: entry.key, values: [value], isList: false, place: place)
        case .sequence(let nodes, _):
            let values = try nodes.map { node throws(YAMLError) in try Self.value(node, name) }
            return Setting(key: entry.key, values: values, isList: true, place: place)
        }
    }

    private static func value(_ node: YAMLNode, _ name: String) throws(YAMLError) -> Setting.Value {
        let place = SettingPlace.file(name, line: node.line)
        switch node {
        case .scalar(let text, _):
            return Setting.Value(content: .text(text), place: place)
        case .mapping(let entries, _):
            let settings = try entries.map { entry throws(YAMLError) in try Self.setting(entry, name) }
            return Setting.Value(content: .settings(settings), place: place)
        case .sequence(_, let line):
            throw YAMLError(line: line, problem: "a list in a list", expected: "write one list")
        }
    }

    private static let largest = 1 << 20
}
