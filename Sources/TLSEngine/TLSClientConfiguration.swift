// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What a TLS client trusts, and how it shows itself. Give it to ``TLSContext/init(client:)``.
public struct TLSClientConfiguration: Sendable {
    /// Whether the peer's certificate and name are checked. `false` accepts any peer (`--insecure`).
    public var verifiesPeer: Bool
    /// PEM file of the certificates to trust instead of the system's (`--cacert`). `nil`: the system's store, or what
    /// the environment's `SSL_CERT_FILE` and `SSL_CERT_DIR` name (SSL_CTX_set_default_verify_paths(3)).
    public var caFile: String?
    /// PEM file with the client's own certificate, followed by its intermediates (`--cert`).
    public var certificateChainFile: String?
    /// PEM file with the key of `certificateChainFile` (`--key`). `nil`: the key is in `certificateChainFile` too.
    public var privateKeyFile: String?
    /// ALPN names to offer, best first (RFC 7301). Empty: the extension is left out.
    public var applicationProtocols: [String]

    /// The defaults check the peer against the system's store, show no certificate, and offer HTTP/1.1.
    public init(
        verifiesPeer: Bool = true,
        caFile: String? = nil,
        certificateChainFile: String? = nil,
        privateKeyFile: String? = nil,
        applicationProtocols: [String] = ["http/1.1"]
    ) {
        self.verifiesPeer = verifiesPeer
        self.caFile = caFile
        self.certificateChainFile = certificateChainFile
        self.privateKeyFile = privateKeyFile
        self.applicationProtocols = applicationProtocols
    }
}
