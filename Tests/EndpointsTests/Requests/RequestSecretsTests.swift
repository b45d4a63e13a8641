// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("What is hidden where an answer repeats it")
struct RequestSecretsTests {
    @Test(
        arguments: [
            ("/?t=secret", "see /?t=secret!", "see /?t=…!"), ("/?secret", "secretsecret", "……"),
            ("/?a=1&t=secret&b=other", "other secret 1", "… … 1"), ("/?t=abcd&u=abcdef", "abcdef abcd", "… …"),
            ("/?t=a%2Bbc%zz", "a%2Bbc%zz a+bc%zz", "… …"), ("/?t=a=b=c", "a=b=c b=c", "… b=c"),
            ("/?t=\u{E9}\u{E9}", "\u{E9}\u{E9}", "…"), ("/?t=abc", "abc", "abc"), ("/?t=abcd", "abcd", "…"),
            ("/secret", "secret", "secret"), ("/?", "?", "?"), ("/?t=secret", "", ""), ("/?%", "%", "%"),
            ("/?t=%%41%4", "%%41%4 %A%4", "… …"),
        ]
    )
    func valuesOfTheQuery(target: String, text: String, shown: String) {
        #expect(RequestSecrets(target: target).hidden(in: text) == shown)
    }

    /// Of a body only the beginning is shown.
    @Test(arguments: [("x secre", "x …"), ("x secr", "x …"), ("x sec", "x sec"), ("x secrx", "x secrx")])
    func oneThatIsCutOff(text: String, shown: String) {
        #expect(RequestSecrets(target: "/?t=secret").hidden(in: text) == shown)
    }

    @Test(arguments: [
        ("https://u:p@h/x", "https://h/x"), ("//u@h", "//h"), ("https://a@b@h/x@y", "https://h/x@y"),
        ("https://h/x@y", "https://h/x@y"), ("https://h?u@h", "https://h?u@h"), ("/x@y", "/x@y"), ("//", "//"),
        ("/a//u:p@h", "/a//u:p@h"), ("", ""), ("https://u:p@h/?t=secret", "https://h/?t=…"),
    ])
    func userAndPasswordOfALocation(location: String, shown: String) {
        #expect(RequestSecrets(target: "/?t=secret").hidden(inLocation: location) == shown)
    }
}
