// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// How a TLS server shows itself. Give it to ``TLSContext/init(server:)``.
public struct TLSServerConfiguration: Sendable {
    /// PEM file with the server's certificate, followed by its intermediates (`--cert`).
    public var certificateChainFile: String
    /// PEM file with the key of `certificateChainFile` (`--key`).
    public var privateKeyFile: String
    /// ALPN names to take, best first (RFC 7301). A client that offers others only is refused; one without is taken.
    public var applicationProtocols: [String]

    /// The default takes HTTP/1.1.
    public init(
        certificateChainFile: String,
        privateKeyFile: String,
        applicationProtocols: [String] = ["http/1.1"]
    ) {
        self.certificateChainFile = certificateChainFile
        self.privateKeyFile = privateKeyFile
        self.applicationProtocols = applicationProtocols
    }
}
