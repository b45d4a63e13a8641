// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Errors of files and settings.
extension TLSError {
    /// Turns OpenSSL's error queue into words.
    ///
    /// - Parameter label: what a PEM file must hold.
    static func setUp(file: String?, doing action: String, wanting label: String? = nil) -> TLSError {
        let errors = OpenSSLError.drainQueue()
        if let system = errors.first(where: { $0.library == ERR_LIB_SYS }) {
            return .configuration(file: file, reason: system.text, advice: "check the path, and that it may be read")
        }
        if let label, errors.contains(where: \.isAboutMissingPEM) {
            return .configuration(file: file, reason: "not PEM: no line -----BEGIN \(label)----- in it")
        }
        return .configuration(file: file, reason: "\(action): \(errors.first?.text ?? "unknown error")")
    }

    /// `what` in `file` needs a pass phrase, or another one.
    static func passPhrase(file: String, what: String, isGiven: Bool) -> TLSError {
        isGiven
            ? .configuration(file: file, reason: "wrong pass phrase", advice: "check what --pass-file or --pass gives")
            : .configuration(
                file: file,
                reason: "\(what) is encrypted",
                advice: "give its pass phrase with --pass-file or --pass"
            )
    }
}

extension OpenSSLError {
    fileprivate var isAboutMissingPEM: Bool {
        switch self.library {
        case ERR_LIB_PEM: self.reason == PEM_R_NO_START_LINE
        case ERR_LIB_X509: self.reason == X509_R_NO_CERTIFICATE_OR_CRL_FOUND
        case ERR_LIB_OSSL_DECODER: true
        // Libraries are OpenSSL's, and grow with its versions.
        default: false
        }
    }
}
