// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A TLS alert (RFC 8446 §6, and RFC 5246 §7.2 for those of TLS 1.2).
struct TLSAlert: Equatable, CustomStringConvertible {
    let number: Int

    /// Its name in the RFC and its number: `handshake_failure (40)`.
    var description: String {
        "\(Self.names[self.number] ?? "unknown") (\(self.number))"
    }

    /// Whether a server that asked for a certificate may mean that with it. Some say no more than that they don't agree.
    var isAboutCertificate: Bool {
        [40, 41, 42, 43, 44, 45, 46, 48, 49, 51, 116].contains(self.number)
    }

    /// What a client may do when a handshake ends with it.
    var hint: String? {
        switch self.number {
        case 40, 71: "it takes none of our ciphers, or wants something else; see --ciphers, --tls-max and --sni"
        case 70: "it does not speak the versions offered; see --tls-max and --tlsv1.3"
        case 112: "it knows no such name; see --sni"
        // The rest says it all, or nothing.
        default: nil
        }
    }

    private static let names: [Int: String] = [
        0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed",
        22: "record_overflow", 30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate",
        42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
        46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
        51: "decrypt_error", 60: "export_restriction", 70: "protocol_version", 71: "insufficient_security",
        80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation",
        109: "missing_extension", 110: "unsupported_extension", 111: "certificate_unobtainable",
        112: "unrecognized_name", 113: "bad_certificate_status_response", 114: "bad_certificate_hash_value",
        115: "unknown_psk_identity", 116: "certificate_required", 120: "no_application_protocol",
    ]
}
