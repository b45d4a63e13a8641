// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The parts of a certificate that messages show. No control characters, no unbounded text.
public struct TLSCertificateSummary: Sendable, Equatable {
    /// The subject in the form of RFC 2253.
    public let subject: String
    /// The issuer in the form of RFC 2253.
    public let issuer: String
    /// The first second of its validity, as in `2026-01-31 12:00:00Z`.
    public let notBefore: String
    /// The last second of its validity.
    public let notAfter: String
    /// DNS names and IP addresses that it is for (RFC 5280 §4.2.1.6): the first `maxNames`.
    public let names: [String]
    /// How many names were left out of `names`.
    public let moreNames: Int

    /// Copies from `certificate`, an `X509 *` that stays the caller's.
    init(_ certificate: OpaquePointer) {
        self.subject = Self.name(X509_get_subject_name(certificate))
        self.issuer = Self.name(X509_get_issuer_name(certificate))
        self.notBefore = Self.time(X509_get0_notBefore(certificate))
        self.notAfter = Self.time(X509_get0_notAfter(certificate))
        (self.names, self.moreNames) = Self.alternativeNames(certificate)
    }

    /// `name`, an `X509_NAME *`, in the form of RFC 2253: ASCII, the rest escaped (X509_NAME_print_ex(3)).
    static func name(_ name: OpaquePointer?) -> String {
        guard let name else { return "" }
        return Self.text { bio in X509_NAME_print_ex(bio, name, 0, COpenSSL_XN_FLAG_RFC2253()) }
    }

    private static func time(_ time: UnsafePointer<ASN1_TIME>?) -> String {
        guard let time else { return "" }
        return Self.text { bio in ASN1_TIME_print_ex(bio, time, UInt(ASN1_DTFLGS_ISO8601)) }
    }

    private static func alternativeNames(_ certificate: OpaquePointer) -> (names: [String], more: Int) {
        guard let extensionValue = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return ([], 0) }
        let generalNames = OpaquePointer(extensionValue)
        defer { GENERAL_NAMES_free(generalNames) }
        var names: [String] = []
        var more = 0
        for index in 0..<COpenSSL_sk_GENERAL_NAME_num(generalNames) {
            guard let generalName = COpenSSL_sk_GENERAL_NAME_value(generalNames, index) else { continue }
            var type: Int32 = 0
            guard let value = GENERAL_NAME_get0_value(generalName, &type), type == GEN_DNS || type == GEN_IPADD else {
                continue
            }
            guard names.count < Self.maxNames else {
                more += 1
                continue
            }
            if type == GEN_DNS {
                names.append(
                    Self.text { bio in ASN1_STRING_print(bio, value.assumingMemoryBound(to: ASN1_STRING.self)) }
                )
            } else {
                let printed = Self.text { bio in GENERAL_NAME_print(bio, UnsafeMutablePointer(mutating: generalName)) }
                names.append(printed.hasPrefix("IP Address:") ? String(printed.dropFirst(11)) : printed)
            }
        }
        return (names, more)
    }

    /// What `print` writes to a memory BIO, made printable and cut at `maxCharacters`.
    private static func text(_ print: (OpaquePointer) -> Int32) -> String {
        guard let bio = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(bio) }
        _ = print(bio)
        var start: UnsafeMutablePointer<CChar>?
        let count = COpenSSL_BIO_get_mem_data(bio, &start)
        guard let start, count > 0 else { return "" }
        let bytes = UnsafeRawBufferPointer(start: start, count: min(count, Self.maxCharacters))
        return printable(String(decoding: bytes, as: UTF8.self)) + (count > Self.maxCharacters ? "..." : "")
    }

    private static let maxNames = 8
    private static let maxCharacters = 256
}

extension TLSCertificateSummary: CustomStringConvertible {
    /// One line, without control characters.
    public var description: String {
        var text = "subject \(self.subject), issuer \(self.issuer), valid \(self.notBefore) to \(self.notAfter)"
        if !self.names.isEmpty {
            text += ", names \(self.names.joined(separator: " "))"
            text += self.moreNames == 0 ? "" : " and \(self.moreNames) more"
        }
        return text
    }
}
