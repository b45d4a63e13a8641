// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

extension Address {
    /// It is a WebSocket over TLS that connects, so that a certificate is verified.
    public var isSecureWebSocket: Bool {
        switch self {
        case .webSocket(let url): url.isSecure
        case .webSocketListen, .webSocketUnixListen, .webSocketOverUnix, .webSocketInherited, .standardStreams, .tcp,
            .tcpListen, .unix, .unixListen, .exec, .shell, .echo, .discard:
            false
        }
    }

    /// Opening it takes something from the user, or starts something, so the other end comes first.
    public var isOpenedLast: Bool {
        switch self {
        case .standardStreams, .exec, .shell: true
        case .webSocket, .webSocketOverUnix, .webSocketListen, .webSocketUnixListen, .webSocketInherited, .tcp,
            .tcpListen, .unix, .unixListen, .echo, .discard:
            false
        }
    }

    /// It is one end of a WebSocket.
    public var isWebSocket: Bool {
        switch self {
        case .webSocket, .webSocketOverUnix, .webSocketListen, .webSocketUnixListen, .webSocketInherited: true
        case .standardStreams, .tcp, .tcpListen, .unix, .unixListen, .exec, .shell, .echo, .discard: false
        }
    }

    /// A listening address with the port that the kernel chose for it.
    func withPort(_ port: Int?) -> Address {
        guard let port else { return self }
        switch self {
        case .tcpListen(let host):
            return .tcpListen(HostAndPort(host.host, port))
        case .webSocketListen(let isSecure, let host, let path):
            return .webSocketListen(isSecure: isSecure, HostAndPort(host.host, port), path: path)
        case .standardStreams, .webSocket, .webSocketOverUnix, .webSocketUnixListen, .webSocketInherited, .tcp, .unix,
            .unixListen, .exec, .shell, .echo, .discard:
            return self
        }
    }

    /// It tells messages apart; standard streams do so if they are told how.
    public func carriesMessages(inStandardStreams isFramed: Bool) -> Bool {
        switch self {
        case .webSocket, .webSocketOverUnix, .webSocketListen, .webSocketUnixListen, .webSocketInherited, .echo: true
        case .standardStreams: isFramed
        case .tcp, .tcpListen, .unix, .unixListen, .exec, .shell, .discard: false
        }
    }

    /// What its connections run over.
    var streamKind: ChannelStream.Kind {
        switch self {
        // Of an inherited socket it is known when it is looked at: `Listener`.
        case .webSocket, .webSocketListen, .webSocketInherited, .tcp, .tcpListen: .tcp
        case .webSocketOverUnix, .webSocketUnixListen, .unix, .unixListen: .unix
        case .standardStreams, .exec, .shell, .echo, .discard: .pipeSource
        }
    }
}
