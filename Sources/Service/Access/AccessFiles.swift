// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The users and tokens that a configuration names, read once.
struct AccessFiles: Sendable {
    private var users: [String: Users] = [:]
    private var tokens: [String: Tokens] = [:]

    /// - Throws: `ConfigurationError` with the file and the line, or the key where it can't be read.
    init(_ settings: some Sequence<AccessSettings>, passwords: PasswordCheck) throws(ConfigurationError) {
        for access in settings {
            if let file = access.users, self.users[file.path] == nil {
                self.users[file.path] = try Self.load(file) { bytes throws(LineError) in try Users(bytes) }
                do throws(CryptLibrary.Missing) {
                    try passwords.requireLibrary()
                } catch {
                    throw ConfigurationError(
                        place: file.place,
                        key: file.key,
                        problem: "passwords can't be checked: \(error.reason)",
                        expected: "install libcrypt1"
                    )
                }
            }
            if let file = access.tokens, self.tokens[file.path] == nil {
                self.tokens[file.path] = try Self.load(file) { bytes throws(LineError) in try Tokens(bytes) }
            }
        }
    }

    func users(of access: AccessSettings) -> Users? { access.users.flatMap { self.users[$0.path] } }

    func tokens(of access: AccessSettings) -> Tokens? { access.tokens.flatMap { self.tokens[$0.path] } }

    private static func load<Content>(
        _ file: FileReference,
        _ parse: ([UInt8]) throws(LineError) -> Content
    ) throws(ConfigurationError) -> Content {
        let bytes: [UInt8]
        do throws(FileContents.Failure) {
            bytes = try FileContents.read(file.path)
        } catch {
            throw ConfigurationError(
                place: file.place,
                key: file.key,
                problem: "\(file.path): \(error.reason)",
                expected: error.hint
            )
        }
        do throws(LineError) {
            return try parse(bytes)
        } catch {
            throw ConfigurationError(
                place: .file(file.path, line: error.line),
                key: nil,
                problem: error.problem,
                expected: error.expected
            )
        }
    }
}
