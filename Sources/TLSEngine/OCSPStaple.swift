// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// An OCSP response that a server sends with its certificate, so that clients need not ask its authority (RFC 6066 §8).
final class OCSPStaple: Sendable {
    /// As it was in the file.
    private let response: [UInt8]
    /// When it is no longer good, in seconds since 1970; `nil`: it does not say.
    private let end: time_t?

    /// Which of the certificates it is about.
    let place: Int

    /// - Parameters:
    ///   - file: The response in DER, as `openssl ocsp -respout` writes it.
    ///   - certificates: Of type `X509 *`; it must be about one of them.
    /// - Throws: `.configuration`, when it is not, or says that the certificate is not good, or is out of date.
    init(file: String, certificates: [OpaquePointer]) throws(TLSError) {
        let contents = try FileContents(of: file)
        defer { OpenSSLError.clearQueue() }
        guard let parsed = contents.read({ COpenSSL_d2i_OCSP_RESPONSE_bio($0) }) else {
            throw Self.failure(file, "not an OCSP response in DER")
        }
        defer { OCSP_RESPONSE_free(parsed) }
        let status = OCSP_response_status(parsed)
        guard status == OCSP_RESPONSE_STATUS_SUCCESSFUL, let basic = OCSP_response_get1_basic(parsed) else {
            throw Self.failure(file, "it says \(String(cString: OCSP_response_status_str(Int(status))))")
        }
        defer { OCSP_BASICRESP_free(basic) }
        let found = certificates.enumerated().lazy.compactMap { place, certificate in
            Self.single(in: basic, about: certificate).map { (place, $0) }
        }
        guard let (place, single) = found.first else {
            throw Self.failure(file, "it is about none of the certificates")
        }
        self.place = place
        var thisUpdate: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        var nextUpdate: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        let verdict = OCSP_single_get0_status(single, nil, nil, &thisUpdate, &nextUpdate)
        guard verdict == V_OCSP_CERTSTATUS_GOOD else {
            throw Self.failure(
                file,
                "it says that the certificate is \(String(cString: OCSP_cert_status_str(Int(verdict))))"
            )
        }
        guard OCSP_check_validity(thisUpdate, nextUpdate, Self.clockTolerance, -1) == 1 else {
            throw Self.failure(file, "it is not good at this time")
        }
        self.end = nextUpdate.flatMap(Self.seconds)
        self.response = Array(contents.bytes)
    }

    /// Has `context`, an `SSL_CTX *`, send it to clients that ask for one. The context must not outlive it.
    func use(in context: OpaquePointer) {
        COpenSSL_SSL_CTX_set_tlsext_status_cb(
            context,
            { ssl, staple in
                guard let staple else { return SSL_TLSEXT_ERR_NOACK }
                return Unmanaged<OCSPStaple>.fromOpaque(staple).takeUnretainedValue().send(ssl)
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    private func send(_ ssl: OpaquePointer?) -> Int32 {
        // One that is out of date would have clients refuse us; without any, they only know less.
        guard self.end.map({ $0 > time(nil) }) ?? true,
            let copy = COpenSSL_OPENSSL_memdup(self.response, self.response.count)
        else { return SSL_TLSEXT_ERR_NOACK }
        // Takes the copy over.
        COpenSSL_SSL_set_tlsext_status_ocsp_resp(ssl, copy, self.response.count)
        return SSL_TLSEXT_ERR_OK
    }

    /// By the certificate's serial number: the issuer, by which they are compared too, may not be at hand.
    private static func single(in basic: OpaquePointer, about certificate: OpaquePointer) -> OpaquePointer? {
        guard let serial = X509_get0_serialNumber(certificate) else { return nil }
        for index in 0..<OCSP_resp_count(basic) {
            guard let single = OCSP_resp_get0(basic, index), let id = OCSP_SINGLERESP_get0_id(single) else { continue }
            var number: UnsafeMutablePointer<ASN1_INTEGER>?
            OCSP_id_get0_info(nil, nil, nil, &number, id)
            if let number, ASN1_INTEGER_cmp(number, serial) == 0 { return single }
        }
        return nil
    }

    private static func seconds(_ time: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>) -> time_t? {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return timegm(&parts)
    }

    private static func failure(_ file: String, _ reason: String) -> TLSError {
        .configuration(
            file: file,
            reason: reason,
            advice: "get a new one with openssl ocsp -respout, or leave --ocsp out"
        )
    }

    /// How far clocks may be apart, in seconds.
    private static let clockTolerance = 300
}
