// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import RelayCore

/// Gives a setting's values the meaning that its key wants.
struct SettingReader {
    let setting: Setting

    /// - Throws: `ConfigurationError` with place and key.
    func failure(_ problem: String, _ expected: String, at place: SettingPlace? = nil) -> ConfigurationError {
        ConfigurationError(
            place: place ?? self.setting.place,
            key: self.setting.key,
            problem: problem,
            expected: expected
        )
    }

    /// The one value; of an option that is repeated the last counts.
    func text() throws(ConfigurationError) -> (text: String, place: SettingPlace) {
        guard let value = self.setting.values.last else { throw self.failure("no value", "give one") }
        if self.setting.isList, self.setting.place != .commandLine {
            throw self.failure("a list", "give one value")
        }
        return try self.text(of: value)
    }

    /// All values, each made by `parse`.
    func list<Element>(
        _ parse: (String) throws(ValueError) -> Element
    ) throws(ConfigurationError) -> [Element] {
        var elements: [Element] = []
        for value in self.setting.values {
            let (text, place) = try self.text(of: value)
            do throws(ValueError) {
                elements.append(try parse(text))
            } catch {
                throw self.failure(error.problem, error.expected, at: place)
            }
        }
        return elements
    }

    func file() throws(ConfigurationError) -> FileReference {
        let (text, place) = try self.text()
        return try self.file(text, place)
    }

    func files() throws(ConfigurationError) -> [FileReference] {
        var files: [FileReference] = []
        for value in self.setting.values {
            let (text, place) = try self.text(of: value)
            files.append(try self.file(text, place))
        }
        return files
    }

    private func file(_ path: String, _ place: SettingPlace) throws(ConfigurationError) -> FileReference {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw self.failure("no path", "name a file", at: place) }
        return FileReference(path: path, key: self.setting.key, place: place)
    }

    func duration(zeroIsAllowed: Bool = true) throws(ConfigurationError) -> Duration {
        let (text, place) = try self.text()
        guard let duration = Duration(text: text), zeroIsAllowed || duration > .zero else {
            let problem = "\"\(text)\" is no time" + (zeroIsAllowed ? "" : " over 0")
            throw self.failure(problem, "write 500ms, 30s, 5m or 1h", at: place)
        }
        return duration
    }

    func size(atLeast least: Int = 0) throws(ConfigurationError) -> Int {
        let (text, place) = try self.text()
        guard let size = Int(byteSize: text), size >= least else {
            let atLeast = least > 0 ? " of at least \(least.byteSizeDescription)" : ""
            throw self.failure("\"\(text)\" is no size\(atLeast)", "write 64k, 1m or a number of bytes", at: place)
        }
        return size
    }

    func flag() throws(ConfigurationError) -> Bool {
        let (text, place) = try self.text()
        switch text {
        case "true": return true
        case "false": return false
        default: throw self.failure("\"\(text)\" is neither true nor false", "write one of them", at: place)
        }
    }

    func number() throws(ConfigurationError) -> Int {
        let (text, place) = try self.text()
        guard text.utf8.count <= 9, !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int(text)
        else { throw self.failure("\"\(text)\" is no number", "write digits; 0 means any number", at: place) }
        return number
    }

    private func text(of value: Setting.Value) throws(ConfigurationError) -> (text: String, place: SettingPlace) {
        switch value.content {
        case .text(let text): return (text, value.place)
        case .settings: throw self.failure("keys in place of a value", "give a text or a number", at: value.place)
        }
    }
}
