// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("--cert")
struct CertificateArgumentTests {
    @Test(
        arguments: [
            ("a.pem", "a.pem", nil), ("a.pem:secret", "a.pem", "secret"), ("a.pem:", "a.pem", nil),
            ("a.pem:b:c", "a.pem", "b:c"), (#"a\:b.pem:c"#, "a:b.pem", "c"), (#"a\\b"#, #"a\b"#, nil),
            (#"a\b"#, #"a\b"#, nil), (#"a\"#, #"a\"#, nil),
        ] as [(String, String, String?)]
    )
    func hasAFileAndAPassPhrase(text: String, file: String, passPhrase: String?) {
        let argument = CertificateArgument(argument: text)
        #expect(argument?.file == file)
        #expect(argument?.passPhrase == passPhrase)
    }

    @Test(arguments: ["", ":secret"])
    func needsAFile(text: String) {
        #expect(CertificateArgument(argument: text) == nil)
    }
}
