// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import TLSEngine

/// The bearer tokens that open a route: lines `TOKEN` or `sha256:HEX`, each with a name behind it if logs are to show one.
struct Tokens: Sendable {
    private struct Entry {
        let digest: [UInt8]
        let name: String
    }
    private let entries: [Entry]

    /// - Throws: `LineError`, which repeats no token.
    init(_ bytes: [UInt8]) throws(LineError) {
        var entries: [Entry] = []
        for (number, text) in try FileLines(bytes).lines {
            let end = text.firstIndex { $0 == " " || $0 == "\t" } ?? text.endIndex
            let name = text[end...].drop { $0 == " " || $0 == "\t" }
            let digest = try Self.digest(text[..<end], number)
            guard !entries.contains(where: { $0.digest == digest }) else {
                throw LineError(line: number, problem: "the same token twice", expected: "leave one of them out")
            }
            entries.append(Entry(digest: digest, name: name.isEmpty ? "token-\(number)" : String(name)))
        }
        self.entries = entries
    }

    /// Compares with all of them, in a time that depends on none.
    ///
    /// - Returns: The token's name.
    func name(of token: String) -> String? {
        let digest = SHA256.hash(Array(token.utf8))
        var name: String?
        for entry in self.entries where SHA256.isSame(entry.digest, digest) { name = entry.name }
        return name
    }

    private static func digest(_ token: Substring, _ number: Int) throws(LineError) -> [UInt8] {
        guard token.hasPrefix("sha256:") else {
            guard token.utf8.count >= Self.shortest, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw LineError(
                    line: number,
                    problem: "a token of less than \(Self.shortest) characters can be guessed",
                    expected: "make one with openssl rand -hex 32"
                )
            }
            return SHA256.hash(Array(token.utf8))
        }
        let digits = Array(token.dropFirst("sha256:".count).utf8)
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index..<min(index + 2, digits.count)], as: UTF8.self), radix: 16)
        }
        let isHex = digits.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                UInt8(ascii: "A")...UInt8(ascii: "F"):
                true
            default: false
            }
        }
        guard isHex, digits.count == 2 * SHA256.byteCount, bytes.count == SHA256.byteCount else {
            throw LineError(
                line: number,
                problem: "sha256: without 64 hexadecimal digits",
                expected: "make them with printf %s TOKEN | sha256sum"
            )
        }
        return bytes
    }

    private static let shortest = 16
}
