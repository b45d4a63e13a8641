// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// What the connections of one client or one listener share: versions, trust, certificate, sessions (SSL_CTX_new(3)).
///
/// Making one reads files, the system's trust store among them, so make it only when TLS is used, and once.
///
/// `@unchecked`: after `init` nothing here changes the `SSL_CTX` any more, whose reference count and caches OpenSSL
/// guards itself; the session store has its own lock.
public final class TLSContext: @unchecked Sendable {
    enum Role {
        case client(TLSSessionStore)
        case server
    }

    /// An `SSL_CTX *`.
    let pointer: OpaquePointer
    let role: Role
    /// The ALPN names in wire format: a length byte and a name each.
    private let protocolList: UnsafeMutableBufferPointer<UInt8>

    /// A client's context.
    ///
    /// - Throws: `.configuration`, with the file that cannot be used and why.
    public init(client configuration: TLSClientConfiguration) throws(TLSError) {
        let protocolList = try Self.wireFormat(of: configuration.applicationProtocols)
        self.pointer = try Self.makePointer(TLS_client_method())
        self.role = .client(TLSSessionStore())
        self.protocolList = protocolList
        // From here on `deinit` gives back what is held, also when something throws.

        if let caFile = configuration.caFile {
            try self.trust(caFile: caFile)
        } else if configuration.verifiesPeer {
            guard SystemTrust.load(into: self.pointer) else {
                throw Self.failure(file: nil, doing: "cannot load the system's trust store")
            }
        }
        OpenSSLError.clearQueue()
        SSL_CTX_set_verify(self.pointer, configuration.verifiesPeer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE) { ok, store in
            TLSEngine.verified(ok, store)
        }
        switch (configuration.certificateChainFile, configuration.privateKeyFile) {
        case (let chainFile?, let keyFile): try self.identify(chainFile: chainFile, keyFile: keyFile ?? chainFile)
        case (nil, let keyFile?): throw .configuration(file: keyFile, reason: "a key needs its certificate; add --cert")
        case (nil, nil): break
        }
        if !self.protocolList.isEmpty {
            // Returns 0 on success, unlike the rest of the library.
            let list = self.protocolList
            guard SSL_CTX_set_alpn_protos(self.pointer, list.baseAddress, UInt32(list.count)) == 0 else {
                throw Self.failure(file: nil, doing: "cannot set the ALPN names")
            }
        }
        COpenSSL_SSL_CTX_set_session_cache_mode(
            self.pointer,
            Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_LOOKUP | SSL_SESS_CACHE_NO_INTERNAL_STORE)
        )
        SSL_CTX_sess_set_new_cb(self.pointer) { ssl, session in TLSEngine.received(session, ssl) }
    }

    /// A server's context.
    ///
    /// - Throws: `.configuration`, with the file that cannot be used and why.
    public init(server configuration: TLSServerConfiguration) throws(TLSError) {
        let protocolList = try Self.wireFormat(of: configuration.applicationProtocols)
        self.pointer = try Self.makePointer(TLS_server_method())
        self.role = .server
        self.protocolList = protocolList
        // From here on `deinit` gives back what is held, also when something throws.

        try self.identify(chainFile: configuration.certificateChainFile, keyFile: configuration.privateKeyFile)
        // Sessions go out in tickets, so that clients that come and go leave nothing behind in memory.
        COpenSSL_SSL_CTX_set_session_cache_mode(self.pointer, Int(SSL_SESS_CACHE_OFF))
        guard SSL_CTX_set_session_id_context(self.pointer, "strait", 6) == 1 else {
            throw Self.failure(file: nil, doing: "cannot set the session context")
        }
        if !self.protocolList.isEmpty {
            // The context outlives the connections that call back: each holds it.
            SSL_CTX_set_alpn_select_cb(
                self.pointer,
                { _, chosen, chosenLength, offer, offerLength, context in
                    guard let chosen, let chosenLength, let offer, let context else { return SSL_TLSEXT_ERR_NOACK }
                    let own = Unmanaged<TLSContext>.fromOpaque(context).takeUnretainedValue().protocolList
                    var pointer: UnsafeMutablePointer<UInt8>?
                    let result = SSL_select_next_proto(
                        &pointer,
                        chosenLength,
                        own.baseAddress,
                        UInt32(own.count),
                        offer,
                        offerLength
                    )
                    // RFC 7301 §3.2: without a common name the server answers no_application_protocol.
                    guard result == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                    chosen.pointee = UnsafePointer(pointer)
                    return SSL_TLSEXT_ERR_OK
                },
                Unmanaged.passUnretained(self).toOpaque()
            )
        }
    }

    deinit {
        SSL_CTX_free(self.pointer)
        self.protocolList.deallocate()
    }

    // MARK: - Set-up

    private static func makePointer(_ method: OpaquePointer?) throws(TLSError) -> OpaquePointer {
        OpenSSLError.clearQueue()
        guard let pointer = SSL_CTX_new(method) else {
            throw Self.failure(file: nil, doing: "cannot start OpenSSL")
        }
        guard COpenSSL_SSL_CTX_set_min_proto_version(pointer, TLS1_2_VERSION) == 1 else {
            SSL_CTX_free(pointer)
            throw Self.failure(file: nil, doing: "OpenSSL has no TLS 1.2")
        }
        // Compression tells secrets by their length (CRIME), renegotiation costs a server more than its client.
        SSL_CTX_set_options(pointer, COpenSSL_SSL_OP_NO_COMPRESSION() | COpenSSL_SSL_OP_NO_RENEGOTIATION())
        // An idle connection gives back the two record buffers of 16 KiB. A write may be taken in parts, and the rest
        // be offered at another address, since ByteBuffers move.
        COpenSSL_SSL_CTX_set_mode(
            pointer,
            Int(SSL_MODE_RELEASE_BUFFERS)
                | Int(SSL_MODE_ENABLE_PARTIAL_WRITE)
                | Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)
        )
        // The default would ask for the pass phrase on the terminal, which may be what is relayed.
        SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, _ in -1 }
        return pointer
    }

    private func trust(caFile: String) throws(TLSError) {
        OpenSSLError.clearQueue()
        guard SSL_CTX_load_verify_file(self.pointer, caFile) == 1 else {
            throw Self.failure(file: caFile, doing: "cannot be read as CA certificates", wanting: "CERTIFICATE")
        }
        // The file may hold the peer's certificate or its issuer's alone, without the root above it.
        X509_STORE_set_flags(SSL_CTX_get_cert_store(self.pointer), UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }

    private func identify(chainFile: String, keyFile: String) throws(TLSError) {
        OpenSSLError.clearQueue()
        guard SSL_CTX_use_certificate_chain_file(self.pointer, chainFile) == 1 else {
            throw Self.failure(file: chainFile, doing: "cannot be used as a certificate", wanting: "CERTIFICATE")
        }
        OpenSSLError.clearQueue()
        guard SSL_CTX_use_PrivateKey_file(self.pointer, keyFile, SSL_FILETYPE_PEM) == 1 else {
            throw Self.failure(
                file: keyFile,
                doing: "cannot be used as a private key",
                wanting: "PRIVATE KEY",
                certificateFile: chainFile
            )
        }
        guard SSL_CTX_check_private_key(self.pointer) == 1 else {
            OpenSSLError.clearQueue()
            throw Self.keyMismatch(keyFile: keyFile, certificateFile: chainFile)
        }
        OpenSSLError.clearQueue()
    }

    /// Turns the error queue into words.
    private static func failure(
        file: String?,
        doing action: String,
        wanting label: String? = nil,
        certificateFile: String? = nil
    ) -> TLSError {
        let errors = OpenSSLError.drainQueue()
        if let system = errors.first(where: { $0.library == ERR_LIB_SYS }) {
            return .configuration(file: file, reason: system.text)
        }
        if let file, let certificateFile, errors.contains(where: { $0.library == ERR_LIB_X509 }) {
            return Self.keyMismatch(keyFile: file, certificateFile: certificateFile)
        }
        if errors.contains(where: \.isAboutPassPhrase) {
            let reason = "the key is encrypted; decrypt it with openssl pkey, and keep the result readable to you only"
            return .configuration(file: file, reason: reason)
        }
        if let label, errors.contains(where: \.isAboutMissingPEM) {
            return .configuration(file: file, reason: "not PEM: no line -----BEGIN \(label)----- in it")
        }
        return .configuration(file: file, reason: "\(action): \(errors.first?.text ?? "unknown error")")
    }

    private static func keyMismatch(keyFile: String, certificateFile: String) -> TLSError {
        .configuration(
            file: keyFile,
            reason:
                "the key does not belong to the certificate in \(printable(certificateFile)); give the one it was made with"
        )
    }

    /// The names in the format of SSL_CTX_set_alpn_protos(3), in memory that the caller deallocates.
    private static func wireFormat(of names: [String]) throws(TLSError) -> UnsafeMutableBufferPointer<UInt8> {
        var bytes: [UInt8] = []
        for name in names {
            guard let length = UInt8(exactly: name.utf8.count), length > 0 else {
                throw .configuration(file: nil, reason: "an ALPN name has 1 to 255 bytes, not \(name.utf8.count)")
            }
            bytes.append(length)
            bytes.append(contentsOf: name.utf8)
        }
        let list = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = list.initialize(from: bytes)
        return list
    }
}

extension OpenSSLError {
    fileprivate var isAboutPassPhrase: Bool {
        self.library == ERR_LIB_PEM
            && [PEM_R_BAD_PASSWORD_READ, PEM_R_PROBLEMS_GETTING_PASSWORD, PEM_R_BAD_DECRYPT].contains(self.reason)
    }

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
