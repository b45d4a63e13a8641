// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// What OpenSSL asks and tells about certificates during a handshake.
extension TLSEngine {
    /// SSL_CTX_set_verify(3): keeps what is wrong with a certificate while it is at hand, and changes nothing.
    static func verified(_ isGood: Int32, _ store: OpaquePointer?) -> Int32 {
        guard isGood != 1, let store, let engine = Self.of(store: store) else { return isGood }
        let code = X509_STORE_CTX_get_error(store)
        engine.certificateFailure = .verificationFailed(
            TLSVerificationFailure(
                code: Int(code),
                reason: String(cString: X509_verify_cert_error_string(Int(code))),
                depth: Int(X509_STORE_CTX_get_error_depth(store)),
                certificate: X509_STORE_CTX_get_current_cert(store).map { TLSCertificateSummary($0) },
                wantedName: engine.peerName
            )
        )
        return isGood
    }

    /// SSL_CTX_set_cert_verify_callback(3): the usual verification, unless it is turned off, and then the pins, so that
    /// a peer with another key gets neither our certificate nor a byte of the request.
    static func verifyWithPins(_ store: OpaquePointer?) -> Int32 {
        guard let store, let engine = Self.of(store: store), let pins = engine.context.pins else { return 0 }
        if engine.context.verifiesPeer {
            let result = X509_verify_cert(store)
            guard result == 1 else { return result }
        }
        guard let certificate = X509_STORE_CTX_get0_cert(store), let pin = TLSPublicKeyPins.pin(of: certificate),
            pins.pins.contains(pin)
        else {
            if let certificate = X509_STORE_CTX_get0_cert(store) {
                engine.certificateFailure = .wrongPublicKey(
                    TLSPinMismatch(
                        pin: TLSPublicKeyPins.pin(of: certificate) ?? "unreadable",
                        certificate: TLSCertificateSummary(certificate)
                    )
                )
            }
            X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
            return 0
        }
        return 1
    }

    /// Throws when a client that looks at certificates has seen none: with some ciphers of `--ciphers` there is none.
    func requireCertificate(_ certificate: OpaquePointer?) throws(TLSError) {
        switch self.context.role {
        case .client:
            guard certificate == nil, self.context.verifiesPeer || self.context.pins != nil else { return }
            throw self.fail(.handshakeFailed(reason: "the peer showed no certificate; check --ciphers"))
        case .server:
            return
        }
    }

    /// SSL_CTX_set_cert_cb(3): the server asks for a certificate, and the one of the context is shown if there is any.
    static func certificateRequested(_ ssl: OpaquePointer?) -> Int32 {
        if let ssl, let engine = Self.of(ssl) {
            engine.certificateRequest = TLSCertificateRequest(ssl)
        }
        return 1
    }

    /// What `alert` of a server says about our certificate, if that is what it is about. In TLS 1.3 it comes after the
    /// client's handshake is complete.
    func refusal(of alert: TLSAlert) -> TLSClientCertificateRefusal? {
        guard let request = self.certificateRequest, alert.isAboutCertificate else { return nil }
        return TLSClientCertificateRefusal(
            alert: "\(alert)",
            request: request,
            certificate: SSL_get_certificate(self.ssl).map { TLSCertificateSummary($0) }
        )
    }

    /// SSL_CTX_set_keylog_callback(3).
    static func log(_ line: UnsafePointer<CChar>?, of ssl: OpaquePointer?) {
        guard let line, let engine = Self.of(ssl) else { return }
        engine.context.log(line)
    }

    private static func of(store: OpaquePointer) -> TLSEngine? {
        let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
        return Self.of(ssl.map { OpaquePointer($0) })
    }
}
