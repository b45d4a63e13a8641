// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// One line of what `strait check` found.
struct CheckStep: Equatable, Sendable {
    /// What was tried; the names are part of the JSON.
    enum Name: String, CaseIterable, Sendable {
        case name
        case connect
        case proxy
        case tls
        case handshake
        case ping
        case halfClose = "half-close"
        case sizes
        case idle
        case close
        case compression
    }

    /// What came of it; the names are part of the JSON.
    enum Result: String, Sendable {
        case ok
        /// A relay works, but not as well as it could.
        case warning
        /// A relay would fail.
        case failed
        /// It can't be told.
        case unknown
    }

    let name: Name
    let result: Result
    var time: Duration?
    /// One printable line: what was seen.
    let detail: String
    /// What to change.
    var advice: String?
    /// What was seen, for programs.
    var facts: [(key: String, value: JSONValue)] = []

    static func == (one: Self, other: Self) -> Bool {
        one.name == other.name && one.result == other.result && one.time == other.time && one.detail == other.detail
            && one.advice == other.advice && one.facts.map(\.key) == other.facts.map(\.key)
            && one.facts.map(\.value) == other.facts.map(\.value)
    }

    var json: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("step", .string(self.name.rawValue)), ("result", .string(self.result.rawValue)),
            ("milliseconds", self.time.map { .number($0.milliseconds) } ?? .null), ("detail", .string(self.detail)),
            ("advice", self.advice.map(JSONValue.string) ?? .null),
        ]
        members += self.facts
        return .object(members)
    }
}

extension Duration {
    fileprivate var milliseconds: Double {
        let (seconds, attoseconds) = self.components
        return Double(seconds) * 1000 + Double(attoseconds / 1_000_000_000_000) / 1000
    }
}
