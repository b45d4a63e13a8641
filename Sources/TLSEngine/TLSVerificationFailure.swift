// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Why a certificate was refused, with what a user needs to see why.
public struct TLSVerificationFailure: Sendable, Equatable {
    /// X509_V_ERR_… (X509_STORE_CTX_get_error(3)).
    public let code: Int
    /// OpenSSL's words for `code`: `certificate has expired`.
    public let reason: String
    /// Where in the chain: 0 is the peer's own certificate.
    public let depth: Int
    /// The certificate that failed. `nil` when the peer showed none.
    public let certificate: TLSCertificateSummary?
    /// The DNS name or IP address that the peer should have proved.
    public let wantedName: String?
}

extension TLSVerificationFailure: CustomStringConvertible {
    /// One line, without control characters.
    public var description: String { self.description(authorities: "--cacert", insecure: "--insecure") }

    /// The same, with the options that are about this connection.
    public func description(authorities: String, insecure: String) -> String {
        var text = "certificate verification failed: \(printable(self.reason))"
        if let certificate = self.certificate {
            text += "; \(certificate)"
            text += self.depth == 0 ? "" : "; \(self.depth) above the peer's certificate"
            if let wantedName = self.wantedName {
                text += "; wanted \(printable(wantedName))"
            }
        }
        return "\(text) (\(self.advice(authorities)), or skip the check with \(insecure))"
    }

    private func advice(_ authorities: String) -> String {
        switch Int32(truncatingIfNeeded: self.code) {
        case X509_V_ERR_CERT_HAS_EXPIRED: "have it renewed"
        case X509_V_ERR_CERT_NOT_YET_VALID: "check this machine's clock"
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY where self.depth == 0:
            "give its CA with \(authorities), have the server send its intermediate certificates"
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: "connect to a name that it is for"
        // Codes are OpenSSL's, and grow with its versions.
        default: "give its CA with \(authorities)"
        }
    }
}
