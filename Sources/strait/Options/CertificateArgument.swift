// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `FILE[:PASSPHRASE]`, as curl takes it: a colon or backslash in the file's name needs a backslash before it.
struct CertificateArgument: ExpressibleByArgument, Equatable {
    let file: String
    let passPhrase: String?

    init?(argument: String) {
        var file = ""
        var rest = argument[...]
        var passPhrase: String?
        while let character = rest.popFirst() {
            switch character {
            case "\\" where rest.first == ":" || rest.first == "\\":
                rest.popFirst().map { file.append($0) }
            case ":":
                passPhrase = rest.isEmpty ? nil : String(rest)
                rest = ""
            default:
                file.append(character)
            }
        }
        guard !file.isEmpty else { return nil }
        self.file = file
        self.passPhrase = passPhrase
    }
}
