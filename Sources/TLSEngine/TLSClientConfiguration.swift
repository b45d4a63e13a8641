// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What a TLS client trusts, and how it shows itself. Give it to ``TLSContext/init(client:)``.
public struct TLSClientConfiguration: Sendable {
    /// Whether the peer's certificate and name are checked. `false` accepts any peer (`--insecure`).
    public var verifiesPeer: Bool
    /// PEM file of the certificates to trust instead of the system's (`--cacert`). With `nil` for both: the system's
    /// store, or what the environment's `SSL_CERT_FILE` and `SSL_CERT_DIR` name (SSL_CTX_set_default_verify_paths(3)).
    public var caFile: String?
    /// Directory of the certificates to trust, as openssl-rehash(1) makes it, besides `caFile` (`--capath`). Several are
    /// separated by colons.
    public var caDirectory: String?
    /// The public keys of which the peer must have one, also when it is not verified (`--pinnedpubkey`).
    public var pins: TLSPublicKeyPins?
    /// The client's own certificate (`--cert`, `--key`).
    public var identity: TLSIdentity?
    /// The name to ask for by SNI, and that the peer must prove, in place of the host's (`--sni`).
    public var serverName: String?
    /// Versions and ciphers.
    public var parameters: TLSParameters
    /// ALPN names to offer, best first (RFC 7301). Empty: the extension is left out.
    public var applicationProtocols: [String]

    /// The defaults check the peer against the system's store, show no certificate, and offer HTTP/1.1.
    public init(
        verifiesPeer: Bool = true,
        caFile: String? = nil,
        caDirectory: String? = nil,
        pins: TLSPublicKeyPins? = nil,
        identity: TLSIdentity? = nil,
        serverName: String? = nil,
        parameters: TLSParameters = TLSParameters(),
        applicationProtocols: [String] = ["http/1.1"]
    ) {
        self.verifiesPeer = verifiesPeer
        self.caFile = caFile
        self.caDirectory = caDirectory
        self.pins = pins
        self.identity = identity
        self.serverName = serverName
        self.parameters = parameters
        self.applicationProtocols = applicationProtocols
    }
}
