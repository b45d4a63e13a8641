// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// One end of a link as written on the command line.
public enum Address: Hashable, Sendable {
    /// `-`, `stdio:`
    case standardStreams
    /// `ws://HOST[:PORT]/PATH`, `wss://…`
    case webSocket(WebSocketURL)
    /// `ws+unix:PATH:/uri`; `nil` authority.
    case webSocketOverUnix(path: String, target: String)
    /// `ws-listen:[HOST:]PORT[/PATH]`, `wss-listen:…`; without a path any is accepted.
    case webSocketListen(isSecure: Bool, HostAndPort, path: String?)
    /// `ws-unix-listen:PATH`
    case webSocketUnixListen(path: String)
    /// `ws+systemd:NAME`, `wss+systemd:NAME`, for services only: sockets that the service manager has opened.
    case webSocketInherited(isSecure: Bool, name: String)
    /// `tcp:HOST:PORT`
    case tcp(HostAndPort)
    /// `tcp-listen:[HOST:]PORT`
    case tcpListen(HostAndPort)
    /// `unix:PATH`; `@name` is abstract.
    case unix(path: String)
    /// `unix-listen:PATH`
    case unixListen(path: String)
    /// `exec:PROGRAM ARG…`
    case exec(program: String, arguments: [String])
    /// `sh:COMMAND LINE`
    case shell(String)
    /// `echo:` sends back what it gets.
    case echo
    /// `discard:` takes everything and says nothing.
    case discard

    /// It waits for peers, and makes one link for each.
    public var isListening: Bool {
        switch self {
        case .webSocketListen, .webSocketUnixListen, .webSocketInherited, .tcpListen, .unixListen: true
        case .standardStreams, .webSocket, .webSocketOverUnix, .tcp, .unix, .exec, .shell, .echo, .discard: false
        }
    }

    /// It is a WebSocket with TLS on the listening side, which needs a certificate.
    public var needsCertificate: Bool {
        switch self {
        case .webSocketListen(let isSecure, _, _), .webSocketInherited(let isSecure, _): isSecure
        case .standardStreams, .webSocket, .webSocketOverUnix, .webSocketUnixListen, .tcp, .tcpListen, .unix,
            .unixListen, .exec, .shell, .echo, .discard:
            false
        }
    }
}

extension Address: CustomStringConvertible {
    /// As messages name it; never with credentials.
    public var description: String {
        switch self {
        case .standardStreams: "stdio"
        case .webSocket(let url): url.description
        case .webSocketOverUnix(let path, let target): "ws+unix:\(path):\(target)"
        case .webSocketListen(let isSecure, let host, let path): "\(isSecure ? "wss" : "ws")://\(host)\(path ?? "/")"
        case .webSocketUnixListen(let path): "ws+unix:\(path)\(Self.looksLikeURI(path) ? ":/" : "")"
        case .webSocketInherited(let isSecure, let name): "\(isSecure ? "wss" : "ws")+systemd:\(name)"
        case .tcp(let host), .tcpListen(let host): "tcp:\(host)"
        case .unix(let path), .unixListen(let path): "unix:\(path)"
        case .exec(let program, _): "exec:\(program)"
        case .shell(let command): "sh:\(command)"
        case .echo: "echo:"
        case .discard: "discard:"
        }
    }

    /// Whether a `:/` in it would be taken for the end of a path, and a URI is needed behind it.
    private static func looksLikeURI(_ path: String) -> Bool {
        // Not contains(":/"): finding a string in a string is done by the library of regular expressions, 1.4 MB.
        zip(path.unicodeScalars, path.unicodeScalars.dropFirst()).contains { $0 == (":", "/") }
    }
}
