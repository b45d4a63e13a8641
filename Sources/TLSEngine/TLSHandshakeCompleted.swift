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
    /// The peer's certificate, or `nil` when it showed none.
    public let peerCertificate: TLSCertificateSummary?
    /// The names of the peer's certificate that access rules go by: `DNS:…`, `URI:…`, `email:…`, all of them and whole.
    public let peerNames: [String]
    /// Whether a session of an earlier connection was resumed.
    public let resumed: Bool
    /// For a client: what the server said when it asked for a certificate, or `nil` when it did not ask.
    public let certificateRequest: TLSCertificateRequest?
}

extension TLSHandshakeCompleted: CustomStringConvertible {
    /// One line, without control characters.
    public var description: String {
        let certificate = self.peerCertificate.map { "certificate: \($0)" } ?? "no certificate"
        return "\(self.agreement), \(certificate)"
    }

    /// Version and cipher: `TLSv1.3 TLS_AES_128_GCM_SHA256`.
    public var agreement: String { "\(self.version) \(self.cipher)\(self.resumed ? ", resumed" : "")" }
}
