// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A server's certificates beyond the first, each in an `SSL_CTX` of its own, and what is sent along with them.
///
/// `@unchecked`: nothing changes it after `init`.
final class TLSServerContexts: @unchecked Sendable {
    /// All of them, the first included.
    private let contexts: [OpaquePointer]
    private let names: TLSServerNames
    private let staples: [OCSPStaple]

    /// - Parameters:
    ///   - first: The context of connections; it is not freed here.
    ///   - others: These are.
    init(first: OpaquePointer, others: [OpaquePointer], ocspResponseFiles: [String]) throws(TLSError) {
        self.contexts = [first] + others
        let certificates = self.contexts.compactMap { SSL_CTX_get0_certificate($0) }
        self.names = TLSServerNames(
            certificates.map { certificate in
                TLSPeerNames.names(of: certificate).filter { $0.hasPrefix("DNS:") }.map { String($0.dropFirst(4)) }
            }
        )
        var staples: [OCSPStaple] = []
        do throws(TLSError) {
            for file in ocspResponseFiles { staples.append(try OCSPStaple(file: file, certificates: certificates)) }
        } catch {
            for context in others { SSL_CTX_free(context) }
            throw error
        }
        self.staples = staples
        for staple in staples { staple.use(in: self.contexts[staple.place]) }
    }

    deinit {
        for context in self.contexts.dropFirst() { SSL_CTX_free(context) }
    }

    /// SSL_CTX_set_tlsext_servername_callback(3): shows the certificate that is for the name asked for; without one, or
    /// without a name, the first.
    func chosen(_ ssl: OpaquePointer?) -> Int32 {
        guard let ssl, let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else {
            return SSL_TLSEXT_ERR_NOACK
        }
        guard let place = self.names.place(of: String(cString: name)) else { return SSL_TLSEXT_ERR_NOACK }
        SSL_set_SSL_CTX(ssl, self.contexts[place])
        return SSL_TLSEXT_ERR_OK
    }
}
