// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Service

@Suite("Files of users and tokens")
struct AccessFilesTests {
    @Test
    func usersHaveALineEach() throws {
        let users = try Users(Array("# all of them\n\nada:\(Hashes.bcrypt)\r\n  bob:\(Hashes.sha512)  \n".utf8))
        #expect(users.hash(of: "ada")?.text == Hashes.bcrypt)
        #expect(users.hash(of: "bob")?.text == Hashes.sha512)
        #expect(users.hash(of: "eve") == nil)
        #expect(users.decoy?.text == Hashes.bcrypt)
        #expect(try Users([]).decoy == nil)
    }

    @Test(arguments: [
        ("ada", 1), ("\nada:", 2), (":\(Hashes.bcrypt)", 1), ("ada:secret", 1),
        ("ada:\(Hashes.bcrypt)\nada:\(Hashes.sha512)", 2),
        ("a\u{1}b:\(Hashes.bcrypt)", 1), ("ada:\(Hashes.bcrypt):x", 1),
    ])
    func aWrongLineOfUsersIsNamedAndNotRepeated(text: String, line: Int) {
        let error = #expect(throws: LineError.self) { try Users(Array(text.utf8)) }
        #expect(error?.line == line)
        #expect(error.map { "\($0)".contains("secret") } == false)
    }

    @Test
    func whatIsNotUTF8IsNoFileOfUsers() {
        #expect(throws: LineError(line: 2, problem: "not UTF-8 text", expected: "check the file")) {
            try Users(Array("#\n".utf8) + [0xFF])
        }
    }

    @Test
    func tokensAreComparedWhole() throws {
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        let tokens = try Tokens(
            Array("0123456789abcdef  build server\nsha256:\(digest) short\n0123456789abcdefg\n".utf8)
        )
        #expect(tokens.name(of: "0123456789abcdef") == "build server")
        #expect(tokens.name(of: "abc") == "short")
        #expect(tokens.name(of: "0123456789abcdefg") == "token-3")
        for wrong in [
            "", "0123456789abcde", "0123456789abcdeF", "0123456789abcdefgh", "sha256:\(digest)", digest, "build server",
        ] {
            #expect(tokens.name(of: wrong) == nil)
        }
    }

    @Test(arguments: [
        "0123456789abcde", "sha256:", "sha256:00",
        "sha256:zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0", "0123456789abcdéf",
        "0123456789abcdef\n0123456789abcdef", "sha256:+a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ])
    func aWrongTokenIsNamedByItsLineOnly(text: String) {
        let error = #expect(throws: LineError.self) { try Tokens(Array(text.utf8)) }
        #expect(error.map { "\($0)".contains("0123456789") } == false)
    }
}
