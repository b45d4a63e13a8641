// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import NIOCore

/// The TLS of one connection, without I/O: ciphertext in, plaintext out; plaintext in, ciphertext out.
///
/// Feed what arrives to `receive`, then call `handshake` until it says that it is complete, then `read`. After each
/// call send what `takeOutgoing` gives, also after one that threw: it is the alert that tells the peer why. An engine
/// that threw stays broken, and throws the same again.
final class TLSEngine {
    enum ReadOutcome: Equatable {
        /// All that was received is read.
        case wantsInput
        /// The peer has sent close_notify: nothing that follows counts. Writing is still possible.
        case inputEnded
    }

    let context: TLSContext
    /// An `SSL *`.
    let ssl: OpaquePointer
    private let buffers = CiphertextBuffers()
    /// As given, without brackets, zone and final dot.
    let peerName: String?
    /// What is wrong with the peer's certificate: `.verificationFailed`, `.wrongPublicKey`.
    var certificateFailure: TLSError?
    /// Set when the server has asked for our certificate.
    var certificateRequest: TLSCertificateRequest?
    private var failure: TLSError?
    private var isHandshakeComplete = false

    /// - Parameter peerName: For a client: the DNS name or IP address that the peer must prove; a name is also sent
    ///   as SNI (RFC 6066 §3). The context's `serverName` takes its place. Not looked at for a server.
    /// - Throws: `.configuration` when `peerName` cannot be a name.
    init(context: TLSContext, peerName: String?) throws(TLSError) {
        OpenSSLError.clearQueue()
        guard let ssl = SSL_new(context.pointer) else {
            throw .configuration(file: nil, reason: OpenSSLError.drainQueue().first?.text ?? "out of memory")
        }
        self.context = context
        self.ssl = ssl
        self.peerName = (context.serverName ?? peerName).map { Self.bareName($0) }
        // From here on `deinit` gives back what is held, also when something throws.

        guard let bio = self.buffers.makeBIO() else {
            throw .configuration(file: nil, reason: "out of memory")
        }
        // One reference serves both directions: SSL_set_bio(3).
        SSL_set_bio(ssl, bio, bio)
        SSL_set_ex_data(ssl, Self.engineIndex, Unmanaged.passUnretained(self).toOpaque())
        switch context.role {
        case .client(let sessions):
            SSL_set_connect_state(ssl)
            if let name = self.peerName {
                try self.expect(name)
                if let session = sessions.take(for: name) {
                    SSL_set_session(ssl, session.pointer)
                }
            }
        case .server:
            SSL_set_accept_state(ssl)
        }
        OpenSSLError.clearQueue()
    }

    deinit {
        SSL_free(self.ssl)
    }

    // MARK: - Ciphertext

    /// Takes bytes that the transport delivered. `ciphertext` is read in place.
    func receive(_ ciphertext: ByteBuffer) {
        if self.buffers.incoming.readableBytes == 0 {
            self.buffers.incoming = ciphertext
        } else {
            self.buffers.incoming.writeImmutableBuffer(ciphertext)
        }
    }

    /// Forgets bytes that were received and not read.
    func discardReceived() {
        self.buffers.incoming = ByteBuffer()
    }

    /// Gives what is to be sent, and keeps nothing of it. Empty when there is nothing.
    func takeOutgoing() -> ByteBuffer {
        var outgoing = ByteBuffer()
        swap(&outgoing, &self.buffers.outgoing)
        return outgoing
    }

    // MARK: - Handshake

    /// Goes on with the handshake as far as the bytes received allow. A client's first call makes the ClientHello.
    ///
    /// - Returns: What was agreed on when the handshake is complete, or `nil` when it waits for more bytes.
    /// - Throws: `.verificationFailed`, `.handshakeFailed`.
    func handshake() throws(TLSError) -> TLSHandshakeCompleted? {
        try self.checkHealth()
        let result = SSL_do_handshake(self.ssl)
        guard result == 1 else {
            try self.checkWantsInput(result)
            return nil
        }
        self.isHandshakeComplete = true
        self.buffers.undelivered = 0
        OpenSSLError.clearQueue()
        let certificate = SSL_get0_peer_certificate(self.ssl)
        try self.requireCertificate(certificate)
        return TLSHandshakeCompleted(
            version: String(cString: SSL_get_version(self.ssl)),
            cipher: SSL_CIPHER_get_name(SSL_get_current_cipher(self.ssl)).map { String(cString: $0) } ?? "unknown",
            applicationProtocol: self.applicationProtocol,
            peerCertificate: certificate.map { TLSCertificateSummary($0) },
            peerNames: certificate.map { TLSPeerNames.names(of: $0) } ?? [],
            resumed: SSL_session_reused(self.ssl) == 1,
            certificateRequest: self.certificateRequest
        )
    }

    // MARK: - Plaintext

    /// How much plaintext `read` can give at most for the bytes received so far.
    var plaintextBound: Int {
        self.buffers.incoming.readableBytes + min(self.buffers.undelivered, Self.maxRecordBytes)
    }

    /// Decrypts all that was received and appends it to `plaintext`, which gets room as needed; `plaintextBound` bytes
    /// of room before the call spare it that. What was decrypted before an error is in `plaintext` too.
    ///
    /// - Throws: `.protocolError`.
    func read(into plaintext: inout ByteBuffer) throws(TLSError) -> ReadOutcome {
        try self.checkHealth()
        while true {
            let pending = max(1, Int(SSL_pending(self.ssl)))
            let room = plaintext.writableBytes > 0 ? 1 : max(pending, self.buffers.incoming.readableBytes)
            var result: Int32 = 0
            plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { free in
                var count = 0
                result = SSL_read_ex(self.ssl, free.baseAddress, free.count, &count)
                return count
            }
            guard result == 1 else {
                let error = SSL_get_error(self.ssl, result)
                guard error != SSL_ERROR_ZERO_RETURN else {
                    OpenSSLError.clearQueue()
                    self.discardReceived()
                    return .inputEnded
                }
                try self.checkWantsInput(result)
                return .wantsInput
            }
            self.buffers.undelivered = 0
        }
    }

    /// Makes room for the ciphertext of `plaintextBytes`, so that it grows once.
    func reserveOutgoing(plaintextBytes: Int) {
        let records = plaintextBytes / Self.maxFragmentBytes + 1
        self.buffers.outgoing.reserveCapacity(minimumWritableBytes: plaintextBytes + records * Self.recordOverhead)
    }

    /// Encrypts `plaintext` into records of at most 16 KiB, ready in `takeOutgoing`.
    ///
    /// - Throws: `.protocolError`.
    func write(_ plaintext: ByteBuffer) throws(TLSError) {
        try self.checkHealth()
        var plaintext = plaintext
        while plaintext.readableBytes > 0 {
            var result: Int32 = 0
            plaintext.readWithUnsafeReadableBytes { bytes in
                var count = 0
                result = SSL_write_ex(self.ssl, bytes.baseAddress, bytes.count, &count)
                return count
            }
            guard result == 1 else { throw self.broken() }
        }
    }

    /// Makes the close_notify that ends our direction (RFC 8446 §6.1). Only after the handshake, and once.
    ///
    /// - Throws: `.protocolError`.
    func endOutput() throws(TLSError) {
        try self.checkHealth()
        guard SSL_shutdown(self.ssl) >= 0 else { throw self.broken() }
        OpenSSLError.clearQueue()
    }

    // MARK: - Errors

    private func checkHealth() throws(TLSError) {
        if let failure = self.failure {
            throw failure
        }
        OpenSSLError.clearQueue()
    }

    /// Throws unless the call that returned `result` only waits for more bytes.
    private func checkWantsInput(_ result: Int32) throws(TLSError) {
        guard SSL_get_error(self.ssl, result) == SSL_ERROR_WANT_READ else { throw self.broken() }
        self.buffers.incoming = ByteBuffer()
        OpenSSLError.clearQueue()
    }

    /// Throws `error` from now on.
    func fail(_ error: TLSError) -> TLSError {
        self.failure = error
        self.discardReceived()
        return error
    }

    /// Turns the error queue into the error that this engine throws from now on.
    private func broken() -> TLSError {
        self.fail(self.describeQueue())
    }

    private func describeQueue() -> TLSError {
        let errors = OpenSSLError.drainQueue()
        if let certificateFailure = self.certificateFailure,
            errors.contains(where: { $0.library == ERR_LIB_SSL && $0.reason == SSL_R_CERTIFICATE_VERIFY_FAILED })
        {
            return certificateFailure
        }
        let cause = errors.first(where: { $0.library == ERR_LIB_SSL }) ?? errors.first
        guard let cause else {
            return self.isHandshakeComplete
                ? .protocolError(reason: "the connection is no longer usable")
                : .handshakeFailed(reason: "OpenSSL gives no reason")
        }
        if let alert = cause.alert {
            if let refusal = self.refusal(of: alert) { return .clientCertificateRefused(refusal) }
            let hint = self.isHandshakeComplete ? nil : alert.hint
            let reason = "the peer sent the alert \(alert)" + (hint.map { " (\($0))" } ?? "")
            return self.isHandshakeComplete ? .protocolError(reason: reason) : .handshakeFailed(reason: reason)
        }
        return self.isHandshakeComplete
            ? .protocolError(reason: cause.text)
            : .handshakeFailed(reason: self.handshakeReason(cause))
    }

    private func handshakeReason(_ cause: OpenSSLError) -> String {
        guard cause.library == ERR_LIB_SSL else { return cause.text }
        switch cause.reason {
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_RECORD_LENGTH_MISMATCH,
            SSL_R_BAD_RECORD_TYPE, SSL_R_UNEXPECTED_MESSAGE, SSL_R_DATA_LENGTH_TOO_LONG,
            SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
            return "the peer does not seem to speak TLS (\(cause.text)); ws:// is for peers without"
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST:
            return "the peer speaks plain HTTP (\(cause.text)); it should connect with wss://"
        case SSL_R_NO_SHARED_CIPHER, SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW:
            return "no common version or cipher with the peer (\(cause.text)); TLS 1.2 or later is needed"
        // Reasons are OpenSSL's, and grow with its versions.
        default:
            return cause.text
        }
    }

    // MARK: - Peer

    private var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(self.ssl, &name, &count)
        guard let name, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    /// `[::1]` is `::1`, `fe80::1%eth0` is `fe80::1`, `example.com.` is `example.com`: certificates have the latter.
    private static func bareName(_ name: String) -> String {
        var bare = name[...]
        if bare.hasPrefix("["), bare.hasSuffix("]") {
            bare = bare.dropFirst().dropLast()
        }
        if bare.contains(":"), let zone = bare.firstIndex(of: "%") {
            bare = bare[..<zone]
        }
        if bare.hasSuffix("."), bare.count > 1 {
            bare = bare.dropLast()
        }
        return String(bare)
    }

    /// Has OpenSSL check that the peer's certificate is for `name`, and asks for it by SNI.
    private func expect(_ name: String) throws(TLSError) {
        // A C string ends at a zero byte, so that another name would be checked than the one given.
        guard !name.isEmpty, name.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else {
            throw .configuration(file: nil, reason: "\"\(printable(name))\" is not a host name")
        }
        if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(self.ssl), name) == 1 { return }
        OpenSSLError.clearQueue()
        SSL_set_hostflags(self.ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard SSL_set1_host(self.ssl, name) == 1, COpenSSL_SSL_set_tlsext_host_name(self.ssl, name) == 1 else {
            OpenSSLError.clearQueue()
            throw .configuration(file: nil, reason: "\"\(printable(name))\" is not a host name")
        }
    }

    // MARK: - Callbacks

    /// Where an `SSL` keeps its engine: slot 0 is the application's (SSL_get_app_data(3)).
    private static let engineIndex: Int32 = 0

    static func of(_ ssl: OpaquePointer?) -> TLSEngine? {
        guard let ssl, let engine = SSL_get_ex_data(ssl, Self.engineIndex) else { return nil }
        return Unmanaged<TLSEngine>.fromOpaque(engine).takeUnretainedValue()
    }

    /// SSL_CTX_sess_set_new_cb(3): keeps a client's session for the next connection to the same peer.
    ///
    /// - Returns: 1 when the reference was taken over.
    static func received(_ session: OpaquePointer?, _ ssl: OpaquePointer?) -> Int32 {
        guard let session, let engine = Self.of(ssl), let name = engine.peerName else { return 0 }
        switch engine.context.role {
        case .client(let sessions):
            sessions.store(TLSSession(owning: session), for: name)
            return 1
        case .server:
            return 0
        }
    }

    /// The largest fragment of plaintext (RFC 8446 §5.1).
    static let maxFragmentBytes = 16_384
    /// Header, largest ciphertext of TLS 1.2 (RFC 5246 §6.2.3).
    private static let maxRecordBytes = 5 + 16_384 + 2048
    /// Header, content type and tag of TLS 1.3; header, nonce and tag of TLS 1.2.
    private static let recordOverhead = 5 + 8 + 16
}
