// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How a TLS server shows itself. Give it to ``TLSContext/init(server:)``.
public struct TLSServerConfiguration: Sendable {
    /// The server's certificate and its key (`--cert`, `--key`).
    public var identity: TLSIdentity
    /// More of them, for clients that ask for one of their names by SNI. All others get the first.
    public var otherIdentities: [TLSIdentity]
    /// OCSP responses in DER, each for one of the certificates; sent to clients that ask for them (RFC 6066 §8).
    public var ocspResponseFiles: [String]
    /// Versions and ciphers.
    public var parameters: TLSParameters
    /// PEM file of the authorities whose certificates clients may show (`--client-ca`); without one none is asked for. A
    /// client that shows none is let in: what it may do then is its reader's matter (``TLSHandshakeCompleted/peerNames``).
    public var clientAuthorityFile: String?
    /// ALPN names to take, best first (RFC 7301). A client that offers others only is refused; one without is taken.
    public var applicationProtocols: [String]

    /// The default takes HTTP/1.1.
    public init(
        identity: TLSIdentity,
        otherIdentities: [TLSIdentity] = [],
        ocspResponseFiles: [String] = [],
        parameters: TLSParameters = TLSParameters(),
        clientAuthorityFile: String? = nil,
        applicationProtocols: [String] = ["http/1.1"]
    ) {
        self.identity = identity
        self.otherIdentities = otherIdentities
        self.ocspResponseFiles = ocspResponseFiles
        self.parameters = parameters
        self.clientAuthorityFile = clientAuthorityFile
        self.applicationProtocols = applicationProtocols
    }
}
