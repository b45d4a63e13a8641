// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Why a request gets no WebSocket, and what HTTP answer it gets instead (RFC 6455 §4.2, §4.4).
public enum HandshakeRefusal: Error, Equatable, Sendable {
    /// HTTP before 1.1, or of another major version.
    case httpVersion(major: Int, minor: Int)
    /// Another method than GET.
    case method(String)
    /// No `Upgrade: websocket`, or no `Connection: Upgrade`.
    case notUpgrade
    /// No Host.
    case missingHost
    /// Several Hosts.
    case repeatedHost(Int)
    /// A Host that can be none.
    case badHost(String)
    /// A body, or a transfer coding that could hide one: a proxy in front may see another end of the request than we do.
    case body(announcedBy: String)
    /// Another version of the WebSocket protocol than 13.
    case webSocketVersion(String?)
    /// No Sec-WebSocket-Key.
    case missingKey
    /// Several keys.
    case repeatedKey(Int)
    /// A key that does not stand for 16 bytes.
    case badKey(String)
    /// Sec-WebSocket-Extensions cannot be read.
    case extensionSyntax(ExtensionSyntaxError)

    /// The HTTP status to answer with.
    public var status: Int {
        switch self {
        case .httpVersion: 505
        case .method: 405
        case .notUpgrade, .webSocketVersion: 426
        case .missingHost, .repeatedHost, .badHost, .body, .missingKey, .repeatedKey, .badKey, .extensionSyntax: 400
        }
    }

    /// The status in words.
    public var reasonPhrase: String {
        switch self {
        case .httpVersion: "HTTP Version Not Supported"
        case .method: "Method Not Allowed"
        case .notUpgrade, .webSocketVersion: "Upgrade Required"
        case .missingHost, .repeatedHost, .badHost, .body, .missingKey, .repeatedKey, .badKey, .extensionSyntax:
            "Bad Request"
        }
    }

    /// The header fields that the answer must have.
    public var headers: HeaderFields {
        switch self {
        case .method:
            HeaderFields([("Allow", "GET")])
        case .notUpgrade:
            HeaderFields([("Upgrade", "websocket"), ("Connection", "Upgrade, close")])
        case .webSocketVersion:
            HeaderFields([("Upgrade", "websocket"), ("Connection", "Upgrade, close"), ("Sec-WebSocket-Version", "13")])
        case .httpVersion, .missingHost, .repeatedHost, .badHost, .body, .missingKey, .repeatedKey, .badKey,
            .extensionSyntax:
            HeaderFields()
        }
    }
}

extension HandshakeRefusal: CustomStringConvertible {
    /// What is wrong with the request, in one line.
    public var description: String {
        switch self {
        case .httpVersion(let major, let minor):
            "a WebSocket needs HTTP/1.1, not HTTP/\(major).\(minor); a proxy in front must be told to use it"
        case .method(let method):
            "a WebSocket is opened with GET, not \(quoted(method))"
        case .notUpgrade:
            "no request for a WebSocket: Upgrade and Connection do not say so; a proxy in front must pass them on"
        case .missingHost:
            "no Host"
        case .repeatedHost(let count):
            "\(count) Host fields instead of one"
        case .badHost(let host):
            "Host \(quoted(host)) is not a host"
        case .body(let field):
            "a request for a WebSocket has no body, but this one has \(field)"
        case .webSocketVersion(let version):
            "Sec-WebSocket-Version is \(version.map { quoted($0) } ?? "missing"), only 13 is spoken"
        case .missingKey:
            "no Sec-WebSocket-Key"
        case .repeatedKey(let count):
            "\(count) Sec-WebSocket-Key fields instead of one"
        case .badKey(let key):
            "Sec-WebSocket-Key \(quoted(key)) does not stand for 16 bytes"
        case .extensionSyntax(let error):
            "\(error)"
        }
    }
}
