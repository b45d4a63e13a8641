// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A server's answer to a request for a WebSocket: HTTP 101 (RFC 6455 §4.2).
public struct ServerHandshake: Sendable {
    /// The answer's header fields.
    public let headers: HeaderFields
    /// What they agree to.
    public let negotiated: Negotiated

    /// Answers a request. Whether its path is served is not looked at.
    ///
    /// - Parameters:
    ///   - httpVersion: Major and minor.
    ///   - supportedSubprotocols: What the server speaks. The first one that the client names is chosen; if it names none of
    ///     them, none is, and the client decides what to make of that.
    ///   - supportsHalfClose: Agree to `strait-half-close` if the client offers it.
    ///   - compressionWindow: Agree to `permessage-deflate` with windows of at most this size; `nil`: don't.
    /// - Throws: Which HTTP status to refuse with and why.
    public static func answer(
        method: String,
        httpVersion: (major: Int, minor: Int),
        headers: HeaderFields,
        supportedSubprotocols: [String] = [],
        supportsHalfClose: Bool = true,
        compressionWindow: DeflateWindow? = nil
    ) throws(HandshakeRefusal) -> ServerHandshake {
        guard httpVersion.major == 1, httpVersion.minor >= 1 else {
            throw .httpVersion(major: httpVersion.major, minor: httpVersion.minor)
        }
        guard method == "GET" else { throw .method(method) }
        guard headers.hasToken("websocket", for: "Upgrade"), headers.hasToken("upgrade", for: "Connection") else {
            throw .notUpgrade
        }
        try Self.checkHost(headers.values(for: "Host"))
        if let field = headers.fieldThatAnnouncesBody { throw .body(announcedBy: field) }
        let version = headers.joinedValue(for: "Sec-WebSocket-Version")
        guard version == "13" else { throw .webSocketVersion(version) }
        let key = try Self.key(headers.values(for: "Sec-WebSocket-Key"))

        var negotiated = Negotiated()
        negotiated.subprotocol = headers.tokens(for: "Sec-WebSocket-Protocol").first(
            where: supportedSubprotocols.contains
        )
        let offers = try Self.offers(headers.values(for: "Sec-WebSocket-Extensions"))
        let offersHalfClose = offers.contains { $0.isNamed(ExtensionOffer.halfClose.name) && $0.parameters.isEmpty }
        if supportsHalfClose, offersHalfClose { negotiated.extensions = [.halfClose] }
        if let compressionWindow, let compression = DeflateAgreement.answer(to: offers, window: compressionWindow) {
            negotiated.extensions.append(compression.answer)
            negotiated.compression = compression.agreement
        }
        return ServerHandshake(accepting: key, negotiated)
    }

    private init(accepting key: SecWebSocketKey, _ negotiated: Negotiated) {
        var headers = HeaderFields([
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", key.accept),
        ])
        if let subprotocol = negotiated.subprotocol { headers.append("Sec-WebSocket-Protocol", subprotocol) }
        if !negotiated.extensions.isEmpty {
            let extensions = negotiated.extensions.map(\.description).joined(separator: ", ")
            headers.append("Sec-WebSocket-Extensions", extensions)
        }
        self.headers = headers
        self.negotiated = negotiated
    }

    /// One Host, made of characters that a host and a port can have (RFC 9112 §3.2).
    private static func checkHost(_ values: [String]) throws(HandshakeRefusal) {
        guard let host = values.first else { throw .missingHost }
        guard values.count == 1 else { throw .repeatedHost(values.count) }
        let isPlausible = host.utf8.allSatisfy { $0.isTokenCharacter || ":[]();,=".utf8.contains($0) }
        guard !host.isEmpty, isPlausible else { throw .badHost(host) }
    }

    private static func key(_ values: [String]) throws(HandshakeRefusal) -> SecWebSocketKey {
        guard let value = values.first else { throw .missingKey }
        guard values.count == 1 else { throw .repeatedKey(values.count) }
        guard let key = SecWebSocketKey(headerValue: value) else { throw .badKey(value) }
        return key
    }

    private static func offers(_ values: [String]) throws(HandshakeRefusal) -> [ExtensionOffer] {
        do throws(ExtensionSyntaxError) {
            return try ExtensionOffer.parse(values)
        } catch {
            throw .extensionSyntax(error)
        }
    }
}
