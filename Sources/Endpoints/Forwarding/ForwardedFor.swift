// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import WebSocketCore

/// Where a request comes from when proxies have passed it on, by the header field that they write.
///
/// Just one field is read, the one that the proxies are known to write: they pass on others as a client sent them. Each
/// proxy adds whom it got the request from at the field's end, so it is read from there, for as long as the last one
/// found is trusted itself: what stands before that may be made up.
public struct ForwardedFor: Hashable, Sendable {
    /// The header field that the proxies write.
    public enum Field: String, Hashable, Sendable, CaseIterable {
        /// Addresses, separated by commas.
        case xForwardedFor = "x-forwarded-for"
        /// RFC 7239.
        case forwarded
    }

    /// Whose word is taken.
    public var trusted: TrustedSources
    /// What they write.
    public var field: Field

    /// By default nobody is trusted.
    public init(trusted: TrustedSources = TrustedSources(), field: Field = .xForwardedFor) {
        self.trusted = trusted
        self.field = field
    }

    /// - Parameter connection: the other end of the connection.
    /// - Returns: `connection`, or what trusted proxies say instead. The port is 0 where they say none.
    public func source(of connection: SocketAddress?, _ headers: HeaderFields) -> SocketAddress? {
        guard !self.trusted.isEmpty else { return connection }
        var source = connection
        for node in self.nodes(headers).reversed() {
            // What is no address (`unknown`, `_hidden`) hides the client, so the proxy that says so stands for it.
            guard self.trusted.contain(source), let address = Self.address(node) else { return source }
            source = address
        }
        return source
    }

    /// Whom each proxy got the request from, the first proxy's first.
    private func nodes(_ headers: HeaderFields) -> [String] {
        let values = headers.values(for: self.field.rawValue)
        switch self.field {
        case .xForwardedFor:
            return values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
                .map { Self.trimmed($0[...]) }
        case .forwarded:
            return values.flatMap { Self.split($0[...], at: ",") }.map { element in
                // An element without `for` says as little as one with an unknown one.
                Self.split(element, at: ";").lazy.compactMap(Self.forValue).first ?? ""
            }
        }
    }

    private static func forValue(_ pair: Substring) -> String? {
        let pair = Self.trimmed(pair)
        guard let equals = pair.firstIndex(of: "="), pair[..<equals].lowercased() == "for" else { return nil }
        return Self.unquoted(pair[pair.index(after: equals)...])
    }

    /// At separators that stand outside of quoted strings.
    private static func split(_ text: Substring, at separator: Unicode.Scalar) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in text.unicodeScalars.indices {
            switch text.unicodeScalars[index] {
            case _ where isEscaped: isEscaped = false
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case separator where !isQuoted:
                parts.append(text[start..<index])
                start = text.unicodeScalars.index(after: index)
            default: break
            }
        }
        return parts + [text[start...]]
    }

    private static func unquoted(_ text: Substring) -> String {
        guard text.utf8.count >= 2, text.first == "\"", text.last == "\"" else { return String(text) }
        // No address has a character that would have to be escaped.
        return String(text.dropFirst().dropLast())
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    /// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
    private static func address(_ node: String) -> SocketAddress? {
        if let address = IPAddress(node) { return address.socketAddress(port: 0) }
        guard let end = node.hasPrefix("[") ? node.firstIndex(of: "]") : node.lastIndex(of: ":") else { return nil }
        let isBracketed = node.hasPrefix("[")
        let host = isBracketed ? node[node.index(after: node.startIndex)..<end] : node[..<end]
        guard host.utf8.contains(UInt8(ascii: ":")) == isBracketed, let address = IPAddress(host) else { return nil }
        let rest = isBracketed ? node[node.index(after: end)...] : node[end...]
        if rest.isEmpty { return address.socketAddress(port: 0) }
        let digits = rest.dropFirst()
        guard rest.hasPrefix(":"), digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let port = UInt16(digits) else {
            return nil
        }
        return address.socketAddress(port: port)
    }
}
