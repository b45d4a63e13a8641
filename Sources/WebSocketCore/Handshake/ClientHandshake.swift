// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The opening handshake of a client: what it asks, and whether the answer fits (RFC 6455 §4.1).
public struct ClientHandshake: Sendable {
    /// What to get: path and query. The method is GET, the version HTTP/1.1.
    public let uri: String
    /// The request's header fields.
    public let headers: HeaderFields

    /// A request for a WebSocket.
    ///
    /// - Parameters:
    ///   - uri: Path and query. A `/` is put first if there is none.
    ///   - host: Host, and port if it is not the scheme's own.
    ///   - subprotocols: What to speak, best first.
    ///   - additional: More header fields. They replace fields of the same name, and what they offer counts as offered.
    ///   - removed: Names of header fields that are left out.
    public init(
        uri: String,
        host: String,
        key: SecWebSocketKey,
        subprotocols: [String] = [],
        offers: [ExtensionOffer] = [],
        additional: [(String, String)] = [],
        removed: [String] = []
    ) {
        var headers = HeaderFields([
            ("Host", host),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", key.headerValue),
        ])
        if !subprotocols.isEmpty {
            headers.append("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", "))
        }
        if !offers.isEmpty {
            headers.append("Sec-WebSocket-Extensions", offers.map(\.description).joined(separator: ", "))
        }
        headers.replace(with: additional)
        headers.remove(removed)
        self.uri = uri.utf8.first == UInt8(ascii: "/") ? uri : "/" + uri
        self.headers = headers
    }

    /// Checks the server's answer.
    ///
    /// - Parameter httpVersion: Major and minor.
    /// - Returns: What was agreed on. A server may leave out the subprotocol and any extension.
    /// - Throws: The first thing wrong, in the order of RFC 6455 §4.1. The connection is no WebSocket then.
    public func verify(
        httpVersion: (major: Int, minor: Int) = (1, 1),
        status: Int,
        reason: String,
        headers: HeaderFields
    ) throws(HandshakeFailure) -> Negotiated {
        guard status == 101 else { throw .status(status, reason: reason) }
        guard httpVersion.major == 1, httpVersion.minor >= 1 else {
            throw .httpVersion(major: httpVersion.major, minor: httpVersion.minor)
        }
        guard headers.hasToken("websocket", for: "Upgrade") else {
            throw .upgrade(headers.joinedValue(for: "Upgrade"))
        }
        guard headers.hasToken("upgrade", for: "Connection") else {
            throw .connection(headers.joinedValue(for: "Connection"))
        }
        let accept = headers.joinedValue(for: "Sec-WebSocket-Accept")
        guard let accept, accept == self.expectedAccept else { throw .accept(accept) }
        let subprotocol = try self.agreedSubprotocol(headers)
        let extensions = try self.agreedExtensions(headers)
        return Negotiated(
            subprotocol: subprotocol,
            extensions: extensions,
            compression: try self.agreedCompression(extensions)
        )
    }

    private var offered: [ExtensionOffer] {
        (try? ExtensionOffer.parse(self.headers.values(for: "Sec-WebSocket-Extensions"))) ?? []
    }

    private var expectedAccept: String? {
        self.headers.values(for: "Sec-WebSocket-Key").first.flatMap(SecWebSocketKey.init(headerValue:))?.accept
    }

    private func agreedSubprotocol(_ answer: HeaderFields) throws(HandshakeFailure) -> String? {
        guard let subprotocol = answer.joinedValue(for: "Sec-WebSocket-Protocol") else { return nil }
        guard self.headers.tokens(for: "Sec-WebSocket-Protocol").contains(subprotocol) else {
            throw .subprotocolNotOffered(subprotocol)
        }
        return subprotocol
    }

    private func agreedExtensions(_ answer: HeaderFields) throws(HandshakeFailure) -> [ExtensionOffer] {
        let offered = self.offered
        var agreed: [ExtensionOffer] = []
        do throws(ExtensionSyntaxError) {
            agreed = try ExtensionOffer.parse(answer.values(for: "Sec-WebSocket-Extensions"))
        } catch {
            throw .extensionSyntax(error)
        }
        for (index, one) in agreed.enumerated() {
            guard offered.contains(where: { $0.isNamed(one.name) }) else { throw .extensionNotOffered(one) }
            guard !agreed.prefix(index).contains(where: { $0.isNamed(one.name) }) else { throw .extensionRepeated(one) }
            if one.isNamed(ExtensionOffer.halfClose.name), !one.parameters.isEmpty { throw .extensionParameters(one) }
        }
        return agreed
    }

    private func agreedCompression(_ agreed: [ExtensionOffer]) throws(HandshakeFailure) -> DeflateAgreement? {
        let isDeflate = { (one: ExtensionOffer) in one.isNamed(DeflateParameters.extensionName) }
        guard let answer = agreed.first(where: isDeflate) else { return nil }
        do throws(DeflateParameterError) {
            return try DeflateAgreement(offers: self.offered.filter(isDeflate), answer: answer)
        } catch {
            throw .compression(answer, error)
        }
    }
}
