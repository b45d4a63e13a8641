// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A password's hash as crypt(5) writes it: bcrypt, or SHA-crypt with 256 or 512 bits.
///
/// Others are refused: what DES and MD5 keep can be guessed. So are costs that would take a core for seconds.
struct PasswordHash: Hashable, Sendable {
    let text: String

    init(_ text: String) throws(ValueError) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].isEmpty else { throw Self.unknown }
        switch parts[1] {
        case "2a", "2b", "2y": try Self.checkBcrypt(parts)
        case "5": try Self.checkSHA(parts, length: 43)
        case "6": try Self.checkSHA(parts, length: 86)
        default: throw Self.unknown
        }
        self.text = text
    }

    private static func checkBcrypt(_ parts: [Substring]) throws(ValueError) {
        guard parts.count == 4, parts[2].utf8.count == 2, let cost = Int(parts[2]), cost >= 4,
            parts[3].utf8.count == 53, parts[3].utf8.allSatisfy(Self.isDigit)
        else { throw ValueError("a bcrypt hash that is not whole", Self.hint) }
        guard cost <= Self.highestCost else {
            throw ValueError("cost \(cost) takes too long for each request", "use at most \(Self.highestCost)")
        }
    }

    private static func checkSHA(_ parts: [Substring], length: Int) throws(ValueError) {
        var rest = parts[2...]
        if let first = rest.first, first.hasPrefix("rounds=") {
            let digits = first.dropFirst("rounds=".count)
            guard digits.utf8.count <= 9, let rounds = Int(digits), rounds >= 1000 else {
                throw ValueError("rounds that are no number from 1000", Self.hint)
            }
            guard rounds <= Self.mostRounds else {
                throw ValueError("\(rounds) rounds take too long for each request", "use at most \(Self.mostRounds)")
            }
            rest = rest.dropFirst()
        }
        guard rest.count == 2, let salt = rest.first, let hash = rest.last, salt.utf8.count <= 16,
            salt.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }), hash.utf8.count == length,
            hash.utf8.allSatisfy(Self.isDigit)
        else { throw ValueError("a SHA-crypt hash that is not whole", Self.hint) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "/"):
            true
        default: false
        }
    }

    private static let hint = "make it with htpasswd -B, or openssl passwd -6"
    private static let unknown = ValueError("neither bcrypt nor SHA-crypt", hint)
    private static let highestCost = 15
    private static let mostRounds = 2_000_000
}
