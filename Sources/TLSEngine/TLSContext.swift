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
    /// For a client: the public keys of which the peer must have one.
    let pins: TLSPublicKeyPins?
    /// For a client: whether the peer's certificate and name are checked.
    let verifiesPeer: Bool
    /// For a client: the name to ask for, in place of the host's.
    let serverName: String?
    private let keyLog: TLSKeyLog?
    /// For a server: its other certificates. Set in `init`.
    private var serverContexts: TLSServerContexts?

    /// A client's context.
    ///
    /// - Throws: `.configuration`, with the file that cannot be used and why.
    public init(client configuration: TLSClientConfiguration) throws(TLSError) {
        self.keyLog = try Self.keyLog(configuration.parameters)
        self.pins = configuration.pins
        self.verifiesPeer = configuration.verifiesPeer
        self.serverName = configuration.serverName
        self.pointer = try Self.makePointer(TLS_client_method())
        self.role = .client(TLSSessionStore())
        self.protocolList = Self.wireFormat(of: configuration.applicationProtocols)
        // From here on `deinit` gives back what is held, also when something throws.

        try Self.check(configuration.applicationProtocols)
        try self.apply(configuration.parameters, to: self.pointer)
        try self.trust(configuration)
        let looks = configuration.verifiesPeer || configuration.pins != nil
        SSL_CTX_set_verify(self.pointer, looks ? SSL_VERIFY_PEER : SSL_VERIFY_NONE) { ok, store in
            TLSEngine.verified(ok, store)
        }
        if configuration.pins != nil {
            SSL_CTX_set_cert_verify_callback(self.pointer, { store, _ in TLSEngine.verifyWithPins(store) }, nil)
        }
        if let identity = configuration.identity { try LoadedIdentity(identity).use(in: self.pointer) }
        // Called when the server asks for a certificate.
        SSL_CTX_set_cert_cb(self.pointer, { ssl, _ in TLSEngine.certificateRequested(ssl) }, nil)
        if !self.protocolList.isEmpty {
            // Returns 0 on success, unlike the rest of the library.
            let list = self.protocolList
            guard SSL_CTX_set_alpn_protos(self.pointer, list.baseAddress, UInt32(list.count)) == 0 else {
                throw .setUp(file: nil, doing: "cannot set the ALPN names")
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
        self.keyLog = try Self.keyLog(configuration.parameters)
        self.pins = nil
        self.verifiesPeer = false
        self.serverName = nil
        self.pointer = try Self.makePointer(TLS_server_method())
        self.role = .server
        self.protocolList = Self.wireFormat(of: configuration.applicationProtocols)
        // From here on `deinit` gives back what is held, also when something throws.

        try Self.check(configuration.applicationProtocols)
        try self.setUp(self.pointer, configuration.identity, configuration)
        let others = try self.otherPointers(configuration)
        let contexts = try TLSServerContexts(
            first: self.pointer,
            others: others,
            ocspResponseFiles: configuration.ocspResponseFiles
        )
        self.serverContexts = contexts
        guard !others.isEmpty else { return }
        // They outlive the connections that call back: each holds this context, which holds them.
        COpenSSL_SSL_CTX_set_tlsext_servername_callback(
            self.pointer,
            { ssl, _, contexts in
                guard let contexts else { return SSL_TLSEXT_ERR_NOACK }
                return Unmanaged<TLSServerContexts>.fromOpaque(contexts).takeUnretainedValue().chosen(ssl)
            },
            Unmanaged.passUnretained(contexts).toOpaque()
        )
    }

    deinit {
        SSL_CTX_free(self.pointer)
        self.protocolList.deallocate()
    }

    // MARK: - Servers

    private func otherPointers(_ configuration: TLSServerConfiguration) throws(TLSError) -> [OpaquePointer] {
        var pointers: [OpaquePointer] = []
        do throws(TLSError) {
            for identity in configuration.otherIdentities {
                let pointer = try Self.makePointer(TLS_server_method())
                pointers.append(pointer)
                try self.setUp(pointer, identity, configuration)
            }
        } catch {
            for pointer in pointers { SSL_CTX_free(pointer) }
            throw error
        }
        return pointers
    }

    /// What a connection looks up in the `SSL_CTX` of the certificate that it shows: all of them have the same.
    private func setUp(
        _ pointer: OpaquePointer,
        _ identity: TLSIdentity,
        _ configuration: TLSServerConfiguration
    ) throws(TLSError) {
        try self.apply(configuration.parameters, to: pointer)
        try LoadedIdentity(identity).use(in: pointer)
        // Sessions go out in tickets, so that clients that come and go leave nothing behind in memory.
        COpenSSL_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
        guard SSL_CTX_set_session_id_context(pointer, "strait", 6) == 1 else {
            throw .setUp(file: nil, doing: "cannot set the session context")
        }
        if let file = configuration.clientAuthorityFile { try Self.askForCertificate(of: file, pointer) }
        guard !self.protocolList.isEmpty else { return }
        // The context outlives the connections that call back: each holds it.
        SSL_CTX_set_alpn_select_cb(
            pointer,
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

    // MARK: - Set-up

    private static func makePointer(_ method: OpaquePointer?) throws(TLSError) -> OpaquePointer {
        OpenSSLError.clearQueue()
        guard let pointer = SSL_CTX_new(method) else {
            throw .setUp(file: nil, doing: "cannot start OpenSSL")
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
        return pointer
    }

    /// Asks clients for a certificate of one of the authorities in `file`; one that can't be verified ends the handshake.
    private static func askForCertificate(of file: String, _ pointer: OpaquePointer) throws(TLSError) {
        OpenSSLError.clearQueue()
        guard SSL_CTX_load_verify_file(pointer, file) == 1 else {
            throw .setUp(file: file, doing: "cannot be read as CA certificates", wanting: "CERTIFICATE")
        }
        // The names tell clients which of their certificates is meant.
        guard let names = SSL_load_client_CA_file(file) else {
            throw .setUp(file: file, doing: "cannot be read as CA certificates", wanting: "CERTIFICATE")
        }
        SSL_CTX_set_client_CA_list(pointer, names)
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        OpenSSLError.clearQueue()
    }

    private static func keyLog(_ parameters: TLSParameters) throws(TLSError) -> TLSKeyLog? {
        guard let path = parameters.keyLogFile else { return nil }
        return try TLSKeyLog(path)
    }

    /// Appends one line, without its end, to the key log.
    func log(_ line: UnsafePointer<CChar>) {
        self.keyLog?.append(line)
    }

    private func apply(_ parameters: TLSParameters, to pointer: OpaquePointer) throws(TLSError) {
        OpenSSLError.clearQueue()
        guard COpenSSL_SSL_CTX_set_min_proto_version(pointer, parameters.minimumVersion.number) == 1 else {
            throw .setUp(file: nil, doing: "OpenSSL does not speak this version of TLS")
        }
        if let maximum = parameters.maximumVersion {
            guard COpenSSL_SSL_CTX_set_max_proto_version(pointer, maximum.number) == 1 else {
                throw .setUp(file: nil, doing: "OpenSSL does not speak this version of TLS")
            }
        }
        if let ciphers = parameters.ciphers, SSL_CTX_set_cipher_list(pointer, ciphers) != 1 {
            OpenSSLError.clearQueue()
            throw .configuration(
                file: nil,
                reason: "no cipher of TLS 1.2 matches \"\(printable(ciphers))\"",
                advice: "check --ciphers; openssl ciphers lists them, and those of TLS 1.3 go to --tls13-ciphers"
            )
        }
        if let suites = parameters.cipherSuites, SSL_CTX_set_ciphersuites(pointer, suites) != 1 {
            OpenSSLError.clearQueue()
            throw .configuration(
                file: nil,
                reason: "not all of \"\(printable(suites))\" are cipher suites of TLS 1.3",
                advice: "check --tls13-ciphers; openssl ciphers -s -tls1_3 lists them"
            )
        }
        OpenSSLError.clearQueue()
        if self.keyLog != nil {
            SSL_CTX_set_keylog_callback(pointer) { ssl, line in TLSEngine.log(line, of: ssl) }
        }
    }

    private func trust(_ configuration: TLSClientConfiguration) throws(TLSError) {
        OpenSSLError.clearQueue()
        if let caFile = configuration.caFile {
            guard SSL_CTX_load_verify_file(self.pointer, caFile) == 1 else {
                throw .setUp(file: caFile, doing: "cannot be read as CA certificates", wanting: "CERTIFICATE")
            }
        }
        if let caDirectory = configuration.caDirectory {
            for directory in caDirectory.split(separator: ":") { try SystemTrust.requireHashed(String(directory)) }
            guard SSL_CTX_load_verify_dir(self.pointer, caDirectory) == 1 else {
                throw .setUp(file: caDirectory, doing: "cannot be used as a directory of CA certificates")
            }
        }
        if configuration.caFile != nil || configuration.caDirectory != nil {
            // There may be the peer's certificate or its issuer's alone, without the root above it.
            X509_STORE_set_flags(SSL_CTX_get_cert_store(self.pointer), UInt(X509_V_FLAG_PARTIAL_CHAIN))
        } else if configuration.verifiesPeer {
            guard SystemTrust.load(into: self.pointer) else {
                throw .setUp(file: nil, doing: "cannot load the system's trust store")
            }
        }
        OpenSSLError.clearQueue()
    }

    private static func check(_ names: [String]) throws(TLSError) {
        for name in names where name.isEmpty || name.utf8.count > UInt8.max {
            throw .configuration(file: nil, reason: "an ALPN name has 1 to 255 bytes, not \(name.utf8.count)")
        }
    }

    /// The names in the format of SSL_CTX_set_alpn_protos(3), in memory that the caller deallocates. A name that does not
    /// fit is cut.
    private static func wireFormat(of names: [String]) -> UnsafeMutableBufferPointer<UInt8> {
        var bytes: [UInt8] = []
        for name in names {
            let name = name.utf8.prefix(Int(UInt8.max))
            bytes.append(UInt8(name.count))
            bytes.append(contentsOf: name)
        }
        let list = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = list.initialize(from: bytes)
        return list
    }
}
