// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import WebSocketCore

/// What the command line says about links, as far as endpoints need it.
public struct LinkOptions: Sendable {
    /// How long the peer of a WebSocket without half-close may stay silent after our direction's end.
    public var linger = Duration.seconds(30)
    /// How long an opening may take.
    public var opening = OpeningLimits()
    /// How long a client of a listener may take for TLS and its request.
    public var handshakeTimeout = Duration.seconds(10)
    /// The longest header block of a request or an answer, in bytes.
    public var headLimit = 16 << 10
    /// The longest message taken where they are told apart, in bytes; zero: any.
    public var messageLimit = 64 << 20
    /// How many Pings and Pongs of a peer are read in a second; more wait. Zero: any number.
    public var controlFrameRate = 100_000
    /// A Ping is sent after this long without a byte from the peer; zero never.
    public var pingInterval = Duration.seconds(30)
    /// How long after a Ping the peer may stay silent.
    public var pingTimeout = Duration.seconds(30)
    /// What the opening request of a WebSocket says.
    public var request = Request()
    /// Subprotocols to offer, or to accept, best first.
    public var subprotocols: [String] = []
    /// Whom TLS trusts, and who we are.
    public var tls = TLS()
    /// PEM file of the authorities whose certificates a listener's clients may show; `nil`: none is asked for.
    public var clientAuthorityFile: String?
    /// Resolve names to IPv4 or IPv6 only.
    public var family = AddressFamily.any
    /// Listening sockets that the service manager has opened, by name.
    public var inheritedSockets: [String: [CInt]] = [:]
    /// PROXY headers, taken and sent.
    public var proxyProtocol = ProxyProtocolOptions()
    /// Where connections go in place of where the address says.
    public var routing = Routing()
    /// Whether the opening of a link is tried again.
    public var retry = RetrySettings()
    /// How TCP finds out that a peer has gone; `nil`: not at all.
    public var keepalive: TCPKeepalive? = TCPKeepalive(time: .seconds(60), probes: 9)
    /// What goes through proxies.
    public var proxy = ProxySettings()
    /// Compress messages, and let the peer do so, with windows of at most this size; `nil`: don't.
    public var compressionWindow: DeflateWindow?
    /// How messages stand in the standard streams; `nil`: those are bytes, and messages are not told apart.
    public var messages: MessageFormat?
    /// The longest frame to send, in bytes; 0: `longestFrame`. `nil`: so, too, but behind Cloudflare 16 KiB.
    public var frameLimit: Int?
    /// No frame that is sent is longer, so that a Ping need not wait for more, and peers with a limit take it.
    public static let longestFrame = 256 << 10
    /// The shortest limit that makes sense for it.
    public static let leastFrame = 1 << 10
    /// What passes Cloudflare's tunnel in one piece.
    public static let cloudflareFrame = 16 << 10
    /// What our Close says in an orderly end.
    public var closeReason = CloseReason(.normal)
    /// At the end of a WebSocket, a line says how it was closed.
    public var printsClose = false
    /// Shown all that happens at WebSockets.
    public var trace: Trace?
    /// Shown the decrypted bytes of WebSockets.
    public var capture: PacketCapture?

    /// Messages are told apart in the standard streams.
    public var keepsMessages: Bool { self.messages != nil }

    /// The defaults of the command line.
    public init() {}

    /// The longest frame to send, in bytes, where `frameLimit` is `limit`.
    public static func longestFrame(within limit: Int?, isBehindCloudflare: Bool) -> Int {
        switch limit {
        case nil: isBehindCloudflare ? Self.cloudflareFrame : Self.longestFrame
        case 0?: Self.longestFrame
        case let limit?: min(limit, Self.longestFrame)
        }
    }
}
