// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import TLSEngine

extension LinkOptions {
    /// Whom TLS trusts, and who we are.
    public struct TLS: Sendable {
        /// Certificates are not verified.
        public var isInsecure = false
        /// PEM file of the authorities to trust instead of the system's.
        public var authorityFile: String?
        /// Directory of the authorities to trust instead of the system's.
        public var authorityDirectory: String?
        /// The keys of which the server must have one.
        public var pins: TLSPublicKeyPins?
        /// File of our certificate and its chain.
        public var certificateFile: String?
        /// How it is written down; `nil`: as it looks.
        public var certificateFormat: TLSIdentity.Format?
        /// File of its key; `nil`: in `certificateFile`.
        public var keyFile: String?
        /// What opens an encrypted key.
        public var passPhrase: String?
        /// A listener's other certificates, for clients that ask for their names.
        public var otherIdentities: [TLSIdentity] = []
        /// OCSP responses that a listener sends with its certificates.
        public var ocspResponseFiles: [String] = []
        /// The name to ask a server for, and that it must prove, in place of the address's.
        public var serverName: String?
        /// Versions and ciphers.
        public var parameters = TLSParameters()

        /// The defaults of the command line.
        public init() {}

        /// Our certificate and its key.
        public var identity: TLSIdentity? {
            self.certificateFile.map { file in
                TLSIdentity(
                    certificateFile: file,
                    keyFile: self.keyFile,
                    format: self.certificateFormat,
                    passPhrase: self.passPhrase
                )
            }
        }
    }
}

extension TLSServerConfiguration {
    /// What a listener shows; `nil` without a certificate.
    public init?(_ options: LinkOptions) {
        guard let identity = options.tls.identity else { return nil }
        self.init(
            identity: identity,
            otherIdentities: options.tls.otherIdentities,
            ocspResponseFiles: options.tls.ocspResponseFiles,
            parameters: options.tls.parameters,
            clientAuthorityFile: options.clientAuthorityFile
        )
    }
}

extension TLSClientConfiguration {
    /// Whom a dialer trusts, and what it shows.
    public init(_ options: LinkOptions.TLS) {
        self.init(
            verifiesPeer: !options.isInsecure,
            caFile: options.authorityFile,
            caDirectory: options.authorityDirectory,
            pins: options.pins,
            identity: options.identity,
            serverName: options.serverName,
            parameters: options.parameters
        )
    }
}
