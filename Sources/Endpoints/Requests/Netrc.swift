// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Logins by host, as ftp(1) and curl keep them in `~/.netrc`.
public struct Netrc: Hashable, Sendable {
    private struct Entry: Hashable {
        /// `nil` for `default`, which stands for every host.
        var machine: String?
        var login: String?
        var password: String?
    }

    private var entries: [Entry] = []

    /// Reads the lines of a file. What is not understood is left out.
    public init(lines: [String]) {
        var isMacro = false
        var awaited: WritableKeyPath<Entry, String?>?
        for line in lines {
            if isMacro {
                // A macro ends at an empty line.
                isMacro = !line.allSatisfy(\.isWhitespace)
                continue
            }
            if line.first(where: { !$0.isWhitespace }) == "#" { continue }
            for (word, isQuoted) in Self.words(line) {
                if let part = awaited {
                    awaited = nil
                    if self.entries.indices.last != nil || part == \.machine { self.set(part, word) }
                    continue
                }
                switch isQuoted ? "" : word {
                case "machine": awaited = \.machine
                case "default": self.entries.append(Entry())
                case "login": awaited = \.login
                case "password": awaited = \.password
                case "macdef": isMacro = true
                default: break
                }
                if isMacro { break }
            }
        }
    }

    private mutating func set(_ part: WritableKeyPath<Entry, String?>, _ word: String) {
        if part == \.machine {
            self.entries.append(Entry(machine: word.lowercased()))
        } else if let last = self.entries.indices.last {
            self.entries[last][keyPath: part] = word
        }
    }

    /// `login:password` for `host`: of the first entry that names it, else of `default`.
    ///
    /// - Parameter user: whose password is wanted; `nil`: anybody's.
    public func credentials(for host: String, user: String? = nil) -> String? {
        let host = host.lowercased()
        let fits = { (entry: Entry) in user == nil ? entry.login != nil : entry.login == nil || entry.login == user }
        let entry =
            self.entries.first { $0.machine == host && fits($0) }
            ?? self.entries.first { $0.machine == nil && fits($0) }
        guard let entry, let login = user ?? entry.login, user == nil || entry.password != nil else { return nil }
        return "\(login):\(entry.password ?? "")"
    }

    /// Words between white space; quotes keep it, and a backslash in quotes keeps what follows, as in curl.
    private static func words(_ line: String) -> [(word: String, isQuoted: Bool)] {
        var words: [(String, Bool)] = []
        var rest = line[...]
        while let start = rest.firstIndex(where: { !$0.isWhitespace }) {
            rest = rest[start...]
            guard rest.first == "\"" else {
                let word = rest.prefix { !$0.isWhitespace }
                words.append((String(word), false))
                rest = rest[word.endIndex...]
                continue
            }
            rest.removeFirst()
            var word = ""
            while let character = rest.popFirst(), character != "\"" {
                guard character == "\\" else {
                    word.append(character)
                    continue
                }
                switch rest.popFirst() {
                case "n": word.append("\n")
                case "r": word.append("\r")
                case "t": word.append("\t")
                case let other?: word.append(other)
                case nil: break
                }
            }
            words.append((word, true))
        }
        return words
    }
}
