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
    /// - Returns: `false` if it is none of its keys.
    mutating func apply(_ setting: Setting) throws(ConfigurationError) -> Bool {
        let reader = SettingReader(setting: setting)
        switch setting.key {
        case "cert": self.certificateFiles += try Self.files(reader)
        case "key": self.keyFiles += try Self.files(reader)
        case "ocsp": self.ocspResponseFiles += try Self.files(reader)
        default: return false
        }
        return true
    }

    private static func files(_ reader: SettingReader) throws(ConfigurationError) -> [String] {
        try reader.list { path throws(ValueError) in
            guard !path.isEmpty, !path.utf8.contains(0) else { throw ValueError("no path", "name a file") }
            return path
        }
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
