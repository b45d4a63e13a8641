// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A way in for hostile bytes. Whatever they are, the part behind it accepts them or refuses with an error that it
/// documents; it never traps, and never holds more than its limit.
struct FuzzTarget: Sendable {
    /// The name of its folder in `Corpus`.
    let name: String
    /// Makes the function that takes one input; it throws `BrokenPromise` only. Make and call it on one thread: the
    /// event loop that some have belongs to that.
    let prepare: @Sendable () throws -> ([UInt8]) throws -> Verdict

    /// What became of an input.
    enum Verdict: String {
        case accepted, refused
    }

    static let all: [FuzzTarget] = [
        .framesToServer, .framesToClient, .deflate, .extensions, .headerFields, .addresses, .requests, .answers,
        .tlsToServer, .tlsToClient, .tlsSessions, .proxyHeaders, .routes,
    ]

    static func named(_ name: String) -> FuzzTarget? {
        Self.all.first { $0.name == name }
    }
}

/// What an input made a part do that it must not.
struct BrokenPromise: Error, CustomStringConvertible {
    let description: String
}

/// Throws `BrokenPromise` unless `isKept`.
func promise(_ isKept: Bool, _ promise: @autoclosure () -> String) throws {
    guard isKept else { throw BrokenPromise(description: promise()) }
}

/// Text that is shown must not end its line, nor steer the terminal.
func promiseOneLine(_ text: String) throws {
    let isOneLine = text.unicodeScalars.allSatisfy { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
    try promise(isOneLine && !text.isEmpty, "a message is one printable line: \(text.debugDescription)")
}
