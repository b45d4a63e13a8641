// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A proxy's answer to CONNECT other than 2xx: what it says, and what to do about it.
public struct ProxyRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The status code.
    public var status: Int
    /// The reason phrase, as sent.
    public var reason: String
    /// The `Proxy-Authenticate` fields of a 407.
    public var authenticate: [String] = []
    /// How long to wait before the next request, by `Retry-After`.
    public var retryAfter: Duration?
    /// What squid says about it in its own field.
    public var squidError: String?
    /// The first bytes of the body, as text.
    public var body: String
    /// Credentials were sent.
    public var hadCredentials = false

    /// One printable line that ends with what to do.
    public var description: String {
        var text = "HTTP \(self.status)"
        if !self.reason.isEmpty { text += " \(self.reason.printable)" }
        if let squidError { text += ", \(squidError.printable)" }
        if self.status == 407 {
            let schemes = self.authenticate.map(\.printable).joined(separator: ", ")
            text += schemes.isEmpty ? ", without Proxy-Authenticate" : ", Proxy-Authenticate: \(schemes)"
        } else if self.squidError == nil {
            // squid's is a page about what its own field says.
            let body = self.body.printable
            if !body.isEmpty { text += ": \"\(body)\"" }
        }
        return text + " (\(self.hint))"
    }

    private var hint: String {
        switch self.status {
        case 407 where !self.offersBasic: "it offers no Basic, and strait speaks no other; see --proxy-header"
        case 407 where self.hadCredentials: "check user and password in --proxy-user, or in the proxy's address"
        case 407: "give user and password with --proxy-user"
        case 401: "give user and password with --proxy-user, or ask whoever runs the proxy"
        case 403: "the proxy's rules forbid it; ask whoever runs the proxy, or use port 443"
        case 502, 503, 504: "the proxy can't reach the host; check its name and port, or see the proxy's log"
        case 400, 404, 405, 501: "is this a proxy that allows CONNECT?"
        default: "ask whoever runs the proxy"
        }
    }

    /// Or says nothing of what it offers.
    private var offersBasic: Bool {
        self.authenticate.isEmpty || self.authenticate.contains { $0.lowercased().holds("basic") }
    }
}
