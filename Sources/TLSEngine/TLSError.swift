// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What went wrong with TLS, in one printable line that says what to do.
public enum TLSError: Error, Sendable, Equatable {
    /// A file or a setting that was given cannot be used.
    case configuration(file: String?, reason: String, advice: String = "check --cert, --key and --cacert")
    /// The peer's certificate is not one to trust for the name wanted.
    case verificationFailed(TLSVerificationFailure)
    /// The peer's public key is none of those that were pinned.
    case wrongPublicKey(TLSPinMismatch)
    /// The server does not take the client's certificate, or wants one. It may say so long after the handshake.
    case clientCertificateRefused(TLSClientCertificateRefusal)
    /// There was no agreement with the peer, or it does not speak TLS.
    case handshakeFailed(reason: String)
    /// TCP ended without close_notify: more bytes may have been on their way (RFC 8446 §6.1).
    case truncated
    /// The peer broke the protocol, or sent a fatal alert, after the handshake.
    case protocolError(reason: String)
}

extension TLSError: CustomStringConvertible {
    /// One line, without control characters.
    public var description: String {
        switch self {
        case .configuration(let file?, let reason, let advice):
            "\(printable(file)): \(reason) (\(advice))"
        case .configuration(nil, let reason, let advice):
            "TLS set-up: \(reason) (\(advice))"
        case .verificationFailed(let failure):
            "\(failure)"
        case .wrongPublicKey(let mismatch):
            "\(mismatch)"
        case .clientCertificateRefused(let refusal):
            "\(refusal)"
        case .handshakeFailed(let reason):
            "TLS handshake failed: \(reason)"
        case .truncated:
            "the peer's TCP connection ended without a TLS close_notify (data may be missing)"
        case .protocolError(let reason):
            "TLS failed: \(reason)"
        }
    }
}
