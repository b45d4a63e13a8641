// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Who has a password: lines `NAME:HASH`, as htpasswd(1) writes them.
struct Users: Sendable {
    private let hashes: [String: PasswordHash]
    /// Compared with when the name is unknown, so that the time tells nothing.
    let decoy: PasswordHash?

    /// - Throws: `LineError`, which repeats no hash.
    init(_ bytes: [UInt8]) throws(LineError) {
        var hashes: [String: PasswordHash] = [:]
        var decoy: PasswordHash?
        for (number, text) in try FileLines(bytes).lines {
            guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else {
                throw LineError(line: number, problem: "no name and hash", expected: "write NAME:HASH")
            }
            let name = String(text[..<colon])
            let hash: PasswordHash
            do throws(ValueError) {
                hash = try PasswordHash(String(text[text.index(after: colon)...]))
            } catch {
                throw LineError(line: number, problem: "\(name): \(error.problem)", expected: error.expected)
            }
            guard hashes.updateValue(hash, forKey: name) == nil else {
                throw LineError(line: number, problem: "\(name) is there twice", expected: "leave one of them out")
            }
            decoy = decoy ?? hash
        }
        self.hashes = hashes
        self.decoy = decoy
    }

    func hash(of name: String) -> PasswordHash? { self.hashes[name] }
}
