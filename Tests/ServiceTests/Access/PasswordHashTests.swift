// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Service

/// Of the password `secret`, by htpasswd -B and openssl passwd.
enum Hashes {
    static let bcrypt = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
    static let sha256 = "$5$rounds=1000$saltsalt$" + String(repeating: "a", count: 43)
    static let sha512 = "$6$saltsalt$" + String(repeating: "a", count: 86)
}

@Suite("Hashes of passwords")
struct PasswordHashTests {
    @Test(arguments: [
        Hashes.bcrypt, Hashes.sha256, Hashes.sha512, Hashes.bcrypt.replacingCost(with: "04"),
        Hashes.bcrypt.replacingCost(with: "15"),
        "$5$$" + String(repeating: ".", count: 43), "$5$rounds=2000000$s$" + String(repeating: "/", count: 43),
    ])
    func whatCryptMakesIsTaken(text: String) throws {
        #expect(try PasswordHash(text).text == text)
    }

    @Test(arguments: [
        "", "secret", "$1$salt$hash", "$apr1$salt$hash", "{SHA}xyz", "abJnggxhB/yWI", "$y$j9T$salt$hash",
        "$2y$05$short", "$6$salt$short",
        Hashes.bcrypt.replacingCost(with: "03"), Hashes.bcrypt.replacingCost(with: "16"),
        Hashes.bcrypt.replacingCost(with: "xx"),
        Hashes.bcrypt + "x", Hashes.sha512 + "x", "$5$rounds=999$s$" + String(repeating: "a", count: 43),
        "$5$rounds=2000001$s$" + String(repeating: "a", count: 43), "$5$rounds=$s$" + String(repeating: "a", count: 43),
        "$6$saltsaltsaltsaltx$" + String(repeating: "a", count: 86), "$6$salt$" + String(repeating: "*", count: 86),
    ])
    func whatIsWeakBrokenOrSlowIsRefused(text: String) {
        let error = #expect(throws: ValueError.self) { try PasswordHash(text) }
        #expect(text.isEmpty || error.map { "\($0)".contains(text) } == false)
    }
}

extension String {
    fileprivate func replacingCost(with cost: String) -> String {
        "$2y$\(cost)$" + self.split(separator: "$")[2]
    }
}
