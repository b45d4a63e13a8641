// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// What a server said when it asked for the client's certificate.
public struct TLSCertificateRequest: Sendable, Equatable {
    /// The authorities that it names, in the form of RFC 2253: the first `maxAuthorities`.
    public let authorities: [String]
    /// How many were left out of `authorities`.
    public let moreAuthorities: Int

    /// Copies from `ssl`, an `SSL *`, while it asks.
    init(_ ssl: OpaquePointer) {
        let names = SSL_get0_peer_CA_list(ssl)
        let count = max(0, OPENSSL_sk_num(names))
        self.authorities = (0..<min(count, Self.maxAuthorities)).map { index in
            TLSCertificateSummary.name(OPENSSL_sk_value(names, index).map { OpaquePointer($0) })
        }
        self.moreAuthorities = Int(count) - self.authorities.count
    }

    private static let maxAuthorities: Int32 = 4
}

extension TLSCertificateRequest: CustomStringConvertible {
    /// One line, without control characters.
    public var description: String {
        guard !self.authorities.isEmpty else { return "names no authorities" }
        let more = self.moreAuthorities == 0 ? "" : " and \(self.moreAuthorities) more"
        return "takes those of \(self.authorities.joined(separator: "; "))\(more)"
    }
}
