// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A peer whose key is none of those that were pinned.
public struct TLSPinMismatch: Sendable, Equatable {
    /// The pin of the key it has: `sha256//…`.
    public let pin: String
    /// What it showed.
    public let certificate: TLSCertificateSummary
}

extension TLSPinMismatch: CustomStringConvertible {
    /// One line, without control characters.
    public var description: String {
        "the server's public key is not a pinned one: it is \(self.pin); \(self.certificate) "
            + "(if the key was changed on purpose, give that with --pinnedpubkey; if not, somebody else answers)"
    }
}
