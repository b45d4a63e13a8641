// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The names in a certificate that access rules go by (RFC 5280 §4.2.1.6).
enum TLSPeerNames {
    /// `DNS:host`, `URI:spiffe://…` and `email:…`, whole: one with a control character, a zero byte above all, is none.
    ///
    /// - Parameter certificate: An `X509 *` that stays the caller's.
    static func names(of certificate: OpaquePointer) -> [String] {
        guard let extensionValue = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        let generalNames = OpaquePointer(extensionValue)
        defer { GENERAL_NAMES_free(generalNames) }
        var names: [String] = []
        for index in 0..<min(COpenSSL_sk_GENERAL_NAME_num(generalNames), Self.mostNames) {
            guard let generalName = COpenSSL_sk_GENERAL_NAME_value(generalNames, index) else { continue }
            var type: Int32 = 0
            guard let value = GENERAL_NAME_get0_value(generalName, &type), let kind = Self.kind(type) else { continue }
            // All three are IA5String.
            let string = value.assumingMemoryBound(to: ASN1_STRING.self)
            guard let start = ASN1_STRING_get0_data(string) else { continue }
            let bytes = UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(string)))
            guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { continue }
            names.append("\(kind):\(String(decoding: bytes, as: UTF8.self))")
        }
        return names
    }

    private static func kind(_ type: Int32) -> String? {
        switch type {
        case GEN_DNS: "DNS"
        case GEN_URI: "URI"
        case GEN_EMAIL: "email"
        // The other kinds are no text.
        default: nil
        }
    }

    private static let mostNames: Int32 = 100
}
