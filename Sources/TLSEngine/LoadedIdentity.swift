// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A certificate with its chain and its key, read from files.
final class LoadedIdentity {
    /// An `X509 *`.
    private var certificate: OpaquePointer?
    /// A `STACK_OF(X509) *`: what stands between it and the root.
    private var chain: OpaquePointer?
    /// An `EVP_PKEY *`.
    private var key: OpaquePointer?
    private let identity: TLSIdentity

    /// - Throws: `.configuration`, with the file that cannot be used and why.
    init(_ identity: TLSIdentity) throws(TLSError) {
        self.identity = identity
        let file = try FileContents(of: identity.certificateFile)
        switch identity.format {
        case .pem: try self.readPEM(file)
        case .der: try self.readDER(file)
        case .pkcs12: try self.readPKCS12(file)
        case nil where !file.isDER: try self.readPEM(file)
        case nil where Self.isPKCS12(file): try self.readPKCS12(file)
        case nil: try self.readDER(file)
        }
        if let keyFile = identity.keyFile {
            try self.readKey(try FileContents(of: keyFile), named: keyFile)
        } else if self.key == nil {
            try self.readKey(file, named: identity.certificateFile)
        }
    }

    deinit {
        X509_free(self.certificate)
        EVP_PKEY_free(self.key)
        OPENSSL_sk_pop_free(self.chain) { X509_free(OpaquePointer($0)) }
    }

    /// Has `context`, an `SSL_CTX *`, show it.
    func use(in context: OpaquePointer) throws(TLSError) {
        let keyFile = self.identity.keyFile ?? self.identity.certificateFile
        OpenSSLError.clearQueue()
        guard X509_check_private_key(self.certificate, self.key) == 1 else {
            OpenSSLError.clearQueue()
            let certificateFile = printable(self.identity.certificateFile)
            throw .configuration(
                file: keyFile,
                reason: "the key does not belong to the certificate in \(certificateFile)",
                advice: "give the one it was made with"
            )
        }
        guard SSL_CTX_use_cert_and_key(context, self.certificate, self.key, self.chain, 1) == 1 else {
            throw .setUp(file: self.identity.certificateFile, doing: "cannot be used as a certificate")
        }
        OpenSSLError.clearQueue()
    }

    // MARK: - Certificates

    private func readPEM(_ file: FileContents) throws(TLSError) {
        self.chain = OPENSSL_sk_new_null()
        self.certificate = file.read { bio in
            let first = PEM_read_bio_X509_AUX(bio, nil, { _, _, _, _ in -1 }, nil)
            while first != nil, let next = PEM_read_bio_X509(bio, nil, { _, _, _, _ in -1 }, nil) {
                OPENSSL_sk_push(self.chain, UnsafeRawPointer(next))
            }
            return first
        }
        // After the first, the end of the file is an error like any other.
        let isAtEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
        guard self.certificate != nil, isAtEnd else {
            throw .setUp(
                file: self.identity.certificateFile,
                doing: "cannot be used as a certificate",
                wanting: "CERTIFICATE"
            )
        }
        OpenSSLError.clearQueue()
    }

    private func readDER(_ file: FileContents) throws(TLSError) {
        self.certificate = file.read { d2i_X509_bio($0, nil) }
        guard self.certificate != nil else {
            OpenSSLError.clearQueue()
            throw .configuration(
                file: self.identity.certificateFile,
                reason: "neither a certificate in DER nor PKCS#12",
                advice: "see --cert-type"
            )
        }
    }

    private static func isPKCS12(_ file: FileContents) -> Bool {
        defer { OpenSSLError.clearQueue() }
        guard let store = file.read({ d2i_PKCS12_bio($0, nil) }) else { return false }
        PKCS12_free(store)
        return true
    }

    private func readPKCS12(_ file: FileContents) throws(TLSError) {
        let name = self.identity.certificateFile
        guard let store = file.read({ d2i_PKCS12_bio($0, nil) }) else {
            OpenSSLError.clearQueue()
            throw .configuration(file: name, reason: "not PKCS#12", advice: "see --cert-type")
        }
        defer { PKCS12_free(store) }
        guard PKCS12_parse(store, self.identity.passPhrase, &self.key, &self.certificate, &self.chain) == 1 else {
            throw Self.pkcs12Failure(name, hasPassPhrase: self.identity.passPhrase != nil)
        }
        if self.certificate == nil, self.identity.keyFile != nil {
            // Without its key beside it, it is one of the others.
            self.certificate = OPENSSL_sk_shift(self.chain).map { OpaquePointer($0) }
        }
        guard self.certificate != nil, self.key != nil || self.identity.keyFile != nil else {
            let what = self.certificate == nil ? "certificate with its key" : "key"
            throw .configuration(file: name, reason: "no \(what) in it", advice: "look with openssl pkcs12 -info -in")
        }
        if self.identity.keyFile != nil {
            EVP_PKEY_free(self.key)
            self.key = nil
        }
    }

    private static func pkcs12Failure(_ name: String, hasPassPhrase: Bool) -> TLSError {
        let errors = OpenSSLError.drainQueue()
        if errors.contains(where: { $0.library == ERR_LIB_PKCS12 && $0.reason == PKCS12_R_MAC_VERIFY_FAILURE }) {
            return .passPhrase(file: name, what: "the file", isGiven: hasPassPhrase)
        }
        if errors.contains(where: \.isAboutUnknownAlgorithm) {
            return .configuration(
                file: name,
                reason: "encrypted in a way that OpenSSL 3 has left behind",
                advice: "write it anew: openssl pkcs12 -legacy -in OLD -nodes | openssl pkcs12 -export -out NEW"
            )
        }
        return .configuration(
            file: name,
            reason: "cannot be opened as PKCS#12: \(errors.first?.text ?? "unknown error")",
            advice: "check file and pass phrase"
        )
    }

    // MARK: - Key

    private func readKey(_ file: FileContents, named name: String) throws(TLSError) {
        OpenSSLError.clearQueue()
        self.key = file.read { bio in
            guard let passPhrase = self.identity.passPhrase else {
                // Without a function of ours, OpenSSL would ask on the terminal, which may be what is relayed.
                return file.isDER
                    ? d2i_PrivateKey_bio(bio, nil) : PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
            }
            return passPhrase.withCString { passPhrase in
                let passPhrase = UnsafeMutableRawPointer(mutating: passPhrase)
                return file.isDER
                    ? Self.readDERKey(file, passPhrase) : PEM_read_bio_PrivateKey(bio, nil, nil, passPhrase)
            }
        }
        guard self.key == nil else {
            OpenSSLError.clearQueue()
            return
        }
        if file.saysEncrypted {
            OpenSSLError.clearQueue()
            throw .passPhrase(file: name, what: "the key", isGiven: self.identity.passPhrase != nil)
        }
        throw .setUp(file: name, doing: "cannot be used as a private key", wanting: "PRIVATE KEY")
    }

    /// In DER, an encrypted key looks different from the first byte on.
    private static func readDERKey(_ file: FileContents, _ passPhrase: UnsafeMutableRawPointer) -> OpaquePointer? {
        file.read { d2i_PrivateKey_bio($0, nil) } ?? file.read { d2i_PKCS8PrivateKey_bio($0, nil, nil, passPhrase) }
    }
}

extension OpenSSLError {
    fileprivate var isAboutUnknownAlgorithm: Bool {
        self.library == ERR_LIB_EVP && self.reason == EVP_R_UNSUPPORTED_ALGORITHM
            || self.reason == ERR_R_UNSUPPORTED
    }
}
