// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import TLSEngine

/// What `wss://` listeners show, as keys name it: files that belong together by their order.
struct CertificateSettings: Sendable {
    var certificateFiles: [String] = []
    /// As many as certificates, or none: then the certificates' files hold them.
    var keyFiles: [String] = []
    var ocspResponseFiles: [String] = []
    /// Where these are named, and those of authorities.
    private(set) var references: [FileReference] = []

    /// - Returns: `false` if it is none of its keys.
    mutating func apply(_ setting: Setting) throws(ConfigurationError) -> Bool {
        let reader = SettingReader(setting: setting)
        switch setting.key {
        case "cert": self.certificateFiles += try reader.files().map { self.noted($0) }
        case "key": self.keyFiles += try reader.files().map { self.noted($0) }
        case "ocsp": self.ocspResponseFiles += try reader.files().map { self.noted($0) }
        default: return false
        }
        return true
    }

    /// - Returns: Its path.
    mutating func noted(_ file: FileReference) -> String {
        self.references.append(file)
        return file.path
    }

    /// - Throws: What does not fit together, in words, and what to do.
    func apply(to options: inout LinkOptions.TLS) throws(ValueError) {
        guard let first = self.certificateFiles.first else {
            for (name, isGiven) in [
                ("a key", !self.keyFiles.isEmpty), ("an OCSP response", !self.ocspResponseFiles.isEmpty),
            ] where isGiven {
                throw ValueError("\(name) without its certificate", "give --cert, too")
            }
            return
        }
        guard self.keyFiles.isEmpty || self.keyFiles.count == self.certificateFiles.count else {
            throw ValueError(
                "\(self.keyFiles.count) keys for \(self.certificateFiles.count) certificates",
                "give --key for each --cert in the same order, or none where files hold both"
            )
        }
        options.certificateFile = first
        options.keyFile = self.keyFiles.first
        options.otherIdentities = self.certificateFiles.indices.dropFirst().map { index in
            TLSIdentity(
                certificateFile: self.certificateFiles[index],
                keyFile: self.keyFiles.isEmpty ? nil : self.keyFiles[index]
            )
        }
        options.ocspResponseFiles = self.ocspResponseFiles
    }
}
