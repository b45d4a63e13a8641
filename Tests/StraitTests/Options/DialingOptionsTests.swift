// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import Foundation
import TLSEngine
import Testing

@testable import strait

@Suite("Options of request, credentials and TLS")
struct DialingOptionsTests {
    private static func options(_ words: [String]) throws -> LinkOptions {
        try Arguments.checked(words + ["-", "wss://h/"]).linkOptions()
    }

    private static func file(_ contents: String) throws -> String {
        let path = NSTemporaryDirectory() + "strait-option-\(UInt64.random(in: .min ... .max))"
        try Data(contents.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test(
        arguments: [
            (["--user", "a:b", "--oauth2-bearer", "t"], "--user and --oauth2-bearer"),
            (["--user-file", "f", "--bearer-file", "g"], "--user-file and --bearer-file"),
            (["-u", "a\u{1B}"], "--user"),
            (["--oauth2-bearer", "a b"], "--oauth2-bearer"), (["--oauth2-bearer", ""], "--oauth2-bearer"),
            (["-n", "--netrc-optional"], "--netrc-optional"), (["-b", "a=\u{1B}"], "--cookie"),
            (["--max-redirs", "-2"], "--max-redirs"), (["--pass", "x"], "--pass needs --cert"),
            (["--cert-type", "PEM"], "--cert-type needs --cert"), (["--pass-file", "x"], "--pass-file needs --cert"),
            (["--cert", "c", "--pass", "x", "--pass-file", "y"], "--pass and --pass-file"),
            (["--cert", "c", "--cert-type", "ENG"], "--cert-type"), (["--tls-max", "1.1"], "--tls-max"),
            (["--tlsv1.3", "--tls-max", "1.2"], "--tlsv1.3 and --tls-max 1.2"), (["--sni", ""], "--sni"),
        ] as [([String], String)]
    )
    func conflictsAreNamed(words: [String], message: String) {
        #expect {
            _ = try Arguments.checked(words + ["-", "wss://h/"])
        } throws: { error in
            Arguments.message(for: error).contains(message)
        }
    }

    @Test func credentialsComeFromFilesToo() throws {
        let user = try Self.options(["--user-file", Self.file("me:secret\r\nmore\n")])
        #expect(user.request.authorization == .basic("me:secret"))
        let bearer = try Self.options(["--bearer-file", Self.file("token\n")])
        #expect(bearer.request.authorization == .bearer("token"))
        let pass = try Self.options(["--cert", "c.p12", "--pass-file", Self.file("open sesame")])
        #expect(pass.tls.identity == TLSIdentity(certificateFile: "c.p12", passPhrase: "open sesame"))
    }

    @Test(
        arguments: [
            ("--user-file", "no colon in this secret"), ("--user-file", "\n"), ("--user-file", ""),
            ("--bearer-file", "a secret"), ("--netrc-file", nil), ("--user-file", nil),
            ("--cookie", "no cookie, a secret"),
            ("--cookie", nil),
        ] as [(String, String?)]
    )
    func aFileThatCannotBeUsedIsNamedAndNotQuoted(option: String, contents: String?) throws {
        let path = try contents.map(Self.file) ?? "/gone"
        let error = #expect(throws: UsageError.self) { _ = try Self.options([option, path]) }
        #expect(error?.description.hasPrefix("\(option) \(path): ") == true)
        #expect(error?.description.contains("secret") == false)
    }

    @Test func headersComeFromAFileToo() throws {
        let path = try Self.file("A: 1\r\n\nHost:\nB;\n")
        let headers = try Self.options(["-H", "X: y", "-H", "@\(path)"]).request.headers
        #expect(
            headers == [
                .set(name: "X", value: "y"), .set(name: "A", value: "1"), .remove(name: "Host"),
                .set(name: "B", value: ""),
            ]
        )
        let wrong = try Self.file("A: 1\nnonsense\n")
        let error = #expect(throws: UsageError.self) { _ = try Self.options(["-H", "@\(wrong)"]) }
        #expect(error?.description.contains("line 2 ") == true)
    }

    @Test func cookiesAreGivenOrInAFile() throws {
        #expect(try Self.options(["-b", "a=b; c=d", "--cookie", "e=f"]).request.cookies == ["a=b; c=d", "e=f"])
        let path = try Self.file("h\tFALSE\t/\tFALSE\t0\tn\tv\n")
        let request = try Self.options(["-b", path]).request
        #expect(request.cookies.isEmpty)
        #expect(request.cookieJar != CookieJar())
    }

    @Test(
        arguments: [
            ([], nil), (["-L"], 50), (["--location", "--max-redirs", "0"], 0), (["-L", "--max-redirs", "-1"], .max),
        ] as [([String], Int?)]
    )
    func redirectsAreFollowedIfAskedFor(words: [String], limit: Int?) throws {
        #expect(try Self.options(words).request.redirectLimit == limit)
    }

    @Test func theRestOfTLSReachesItsOption() throws {
        let pin = "sha256//" + String(repeating: "A", count: 43) + "="
        let tls = try Self.options([
            "-E", "c:phrase", "--cert-type", "p12", "--capath", "d", "--pinnedpubkey", pin, "--sni", "n", "--tlsv1.2",
            "--tls-max", "1.2", "--ciphers", "x", "--tls13-ciphers", "y",
        ]).tls
        #expect(tls.identity == TLSIdentity(certificateFile: "c", format: .pkcs12, passPhrase: "phrase"))
        #expect(tls.authorityDirectory == "d")
        #expect(try tls.pins == TLSPublicKeyPins(pin))
        #expect(tls.serverName == "n")
        #expect(tls.parameters.maximumVersion == .tls12)
        #expect(tls.parameters.ciphers == "x")
        #expect(tls.parameters.cipherSuites == "y")
        #expect(try Self.options(["--tlsv1.3"]).tls.parameters.minimumVersion == .tls13)
    }
}
