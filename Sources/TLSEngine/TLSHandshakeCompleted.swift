// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// User event: the handshake is complete, and what is written from now on goes out at once.
public struct TLSHandshakeCompleted: Sendable, Equatable {
    /// The version agreed on, as OpenSSL spells it: `TLSv1.2` or `TLSv1.3`.
    public let version: String
    /// The cipher suite, as OpenSSL spells it: `TLS_AES_128_GCM_SHA256`.
    public let cipher: String
    /// The ALPN name agreed on, or `nil` when one side had none.
    public let applicationProtocol: String?
    /// The peer's subject in the form of RFC 2253, or `nil` when it showed no certificate.
    public let peerCertificateSubject: String?
    /// The issuer of the peer's certificate in the form of RFC 2253.
    public let peerCertificateIssuer: String?
    /// Whether a session of an earlier connection was resumed.
    public let resumed: Bool
}
