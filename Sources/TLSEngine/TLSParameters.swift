// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Versions and ciphers, and where their keys are written down: what clients and servers have in common.
public struct TLSParameters: Sendable, Equatable {
    /// The oldest version spoken (`--tlsv1.2`, `--tlsv1.3`).
    public var minimumVersion: TLSVersion
    /// The newest version spoken (`--tls-max`). `nil`: the newest that OpenSSL knows.
    public var maximumVersion: TLSVersion?
    /// Ciphers of TLS 1.2, as openssl-ciphers(1) has them (`--ciphers`). `nil`: OpenSSL's, or the system's.
    public var ciphers: String?
    /// Cipher suites of TLS 1.3, separated by colons (`--tls13-ciphers`).
    public var cipherSuites: String?
    /// Where the secrets of each connection are appended, for Wireshark (`SSLKEYLOGFILE`).
    public var keyLogFile: String?

    /// The defaults are those of the system, but for versions before 1.2.
    public init(
        minimumVersion: TLSVersion = .tls12,
        maximumVersion: TLSVersion? = nil,
        ciphers: String? = nil,
        cipherSuites: String? = nil,
        keyLogFile: String? = nil
    ) {
        self.minimumVersion = minimumVersion
        self.maximumVersion = maximumVersion
        self.ciphers = ciphers
        self.cipherSuites = cipherSuites
        self.keyLogFile = keyLogFile
    }
}
