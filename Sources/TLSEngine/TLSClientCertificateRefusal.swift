// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A server that does not take the client's certificate, or wants one.
public struct TLSClientCertificateRefusal: Sendable, Equatable {
    /// The alert that it sent.
    public let alert: String
    /// What it asked for.
    public let request: TLSCertificateRequest
    /// The certificate that it was shown, or `nil` without any.
    public let certificate: TLSCertificateSummary?
}

extension TLSClientCertificateRefusal: CustomStringConvertible {
    /// One line, without control characters.
    public var description: String {
        guard let certificate = self.certificate else {
            return "the server wants a client certificate: it sent the alert \(self.alert), and \(self.request) "
                + "(give one with --cert and --key)"
        }
        return "the server refused the client certificate: it sent the alert \(self.alert), and \(self.request); "
            + "it was shown \(certificate) (give one that it trusts with --cert and --key)"
    }
}
