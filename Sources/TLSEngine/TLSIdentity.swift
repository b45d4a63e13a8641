// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The certificate that one side shows, those between it and the root, and its key, in one file or two.
public struct TLSIdentity: Sendable, Equatable {
    /// How `certificateFile` is written down.
    public enum Format: Sendable {
        case pem
        case der
        case pkcs12
    }

    /// The certificate, in PEM followed by its intermediates (`--cert`). It may be a pipe: it is read once.
    public var certificateFile: String
    /// Its key, PEM or DER (`--key`). `nil`: in `certificateFile` too.
    public var keyFile: String?
    /// `nil`: as the file looks (`--cert-type`).
    public var format: Format?
    /// What an encrypted key, or a file of PKCS#12, is opened with (`--pass`).
    public var passPhrase: String?

    /// The files are read by `TLSContext`.
    public init(certificateFile: String, keyFile: String? = nil, format: Format? = nil, passPhrase: String? = nil) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.format = format
        self.passPhrase = passPhrase
    }
}
