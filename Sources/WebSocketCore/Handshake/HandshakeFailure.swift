// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Why a server's answer opens no WebSocket (RFC 6455 §4.1).
public enum HandshakeFailure: Error, Equatable, Sendable {
    /// Another status than 101.
    case status(Int, reason: String)
    /// A version of HTTP that has no 101.
    case httpVersion(major: Int, minor: Int)
    /// `Upgrade` is missing or does not name `websocket`.
    case upgrade(String?)
    /// `Connection` is missing or does not name `upgrade`.
    case connection(String?)
    /// `Sec-WebSocket-Accept` is missing or does not fit the key.
    case accept(String?)
    /// A subprotocol that the client did not name, or several.
    case subprotocolNotOffered(String)
    /// An extension that the client did not name.
    case extensionNotOffered(ExtensionOffer)
    /// The same extension twice.
    case extensionRepeated(ExtensionOffer)
    /// An extension that takes no parameters, with some.
    case extensionParameters(ExtensionOffer)
    /// permessage-deflate with parameters that don't answer what was offered.
    case compression(ExtensionOffer, DeflateParameterError)
    /// `Sec-WebSocket-Extensions` cannot be read.
    case extensionSyntax(ExtensionSyntaxError)
}

extension HandshakeFailure: CustomStringConvertible {
    /// What the server answered and what it should have.
    public var description: String {
        switch self {
        case .status(let status, let reason):
            reason.isEmpty ? "HTTP \(status)" : "HTTP \(status) \(printable(reason))"
        case .httpVersion(let major, let minor):
            "101 of HTTP/\(major).\(minor), not HTTP/1.1 (RFC 6455 §4.2.2)"
        case .upgrade(let value):
            "HTTP 101 \(Self.field("Upgrade", value)), not \"websocket\" (RFC 6455 §4.1)"
        case .connection(let value):
            "HTTP 101 \(Self.field("Connection", value)), not \"Upgrade\" (RFC 6455 §4.1)"
        case .accept(let value):
            "HTTP 101 \(Self.field("Sec-WebSocket-Accept", value)), not the answer to our key (RFC 6455 §4.1)"
        case .subprotocolNotOffered(let name):
            "HTTP 101 with the subprotocol \(quoted(name)), which was not offered (RFC 6455 §4.1)"
        case .extensionNotOffered(let offer):
            "HTTP 101 with the extension \(quoted(offer.name)), which was not offered (RFC 6455 §9.1)"
        case .extensionRepeated(let offer):
            "HTTP 101 with the extension \(quoted(offer.name)) twice (RFC 6455 §9.1)"
        case .extensionParameters(let offer):
            "HTTP 101 with parameters that the extension does not take: \(quoted(offer.description)) (RFC 6455 §9.1)"
        case .compression(let answer, let error):
            "HTTP 101 with \(quoted(answer.description)), where \(error)"
        case .extensionSyntax(let error):
            "HTTP 101 whose \(error)"
        }
    }

    private static func field(_ name: String, _ value: String?) -> String {
        value.map { "with \(name): \(quoted($0))" } ?? "without \(name)"
    }
}
