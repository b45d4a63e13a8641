// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What an opening handshake agreed on.
public struct Negotiated: Equatable, Sendable {
    /// The subprotocol, if one was chosen (RFC 6455 §1.9).
    public var subprotocol: String?
    /// The extensions in use, as the server stated them (§9.1).
    public var extensions: [ExtensionOffer]
    /// What `permessage-deflate` among them means; `nil`: messages are not compressed.
    public var compression: DeflateAgreement?

    /// An agreement on these.
    public init(
        subprotocol: String? = nil,
        extensions: [ExtensionOffer] = [],
        compression: DeflateAgreement? = nil
    ) {
        self.subprotocol = subprotocol
        self.extensions = extensions
        self.compression = compression
    }

    /// Whether an empty binary message ends a direction: `strait-half-close`.
    public var halfClose: Bool {
        self.extensions.contains { $0.isNamed(ExtensionOffer.halfClose.name) }
    }
}
