// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// An HTTP answer that is not 101: what it says, and what to do about it.
public struct HTTPRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The status code.
    public var status: Int
    /// The reason phrase, as sent.
    public var reason: String
    /// Where a redirect points.
    public var location: String?
    /// The `WWW-Authenticate` fields of a 401.
    public var authenticate: String?
    /// How long to wait before the next request, by `Retry-After`.
    public var retryAfter: Duration?
    /// The first bytes of the body, as text.
    public var body: String

    /// The `Set-Cookie` fields; they are not shown.
    var cookies: [String] = []
    /// What of the request is not shown, if the answer repeats it.
    var secrets = RequestSecrets(target: "")
    /// Whether the request said who asks.
    public var hadCredentials = false
    /// The answer came through it, or from it.
    public var network: ContentNetwork?

    /// `location`, without what may be a secret.
    var shownLocation: String? { self.location.map { self.secrets.hidden(inLocation: $0) } }

    /// Whether it says where to go instead.
    var isRedirect: Bool { [301, 302, 303, 307, 308].contains(self.status) && self.location != nil }

    /// Whether it is about who asks: the link may come about with other credentials.
    public var isAboutCredentials: Bool { [401, 403].contains(self.status) || self.wantsCertificate }

    /// nginx answers so after TLS came about without a client certificate, or with one that it does not trust.
    private var wantsCertificate: Bool {
        self.status == 400 && Self.certificateComplaints.contains { self.body.holds($0) }
    }

    /// nginx and others answer so on a port that wants TLS.
    private var wantsTLS: Bool { self.status == 400 && Self.plainHTTPComplaints.contains { self.body.holds($0) } }

    /// A program says in a line of text what is wrong; a page of HTML, or none, says that nobody knew what this was.
    private var saysWhatIsWrong: Bool { !self.body.isEmpty && !self.body.holds("<") }

    private static let plainHTTPComplaints = ["sent to HTTPS port", "HTTP request to an HTTPS server"]
    private static let certificateComplaints = ["No required SSL certificate", "The SSL certificate error"]

    /// How many bytes of the body are shown.
    static let bodyLimit = 200

    /// One printable line that ends with what to do.
    public var description: String {
        var text = "HTTP \(self.status)"
        if !self.reason.isEmpty { text += " \(self.secrets.hidden(in: self.reason).printable)" }
        if let shownLocation { text += ", Location: \(shownLocation.printable)" }
        if let authenticate { text += ", WWW-Authenticate: \(authenticate.printable)" }
        if let retryAfter { text += ", Retry-After: \(retryAfter.shortDescription)" }
        let body = self.secrets.hidden(in: self.body).printable
        if !body.isEmpty { text += ": \"\(body)\"" }
        return text + " (\(self.hint))"
    }

    private var hint: String {
        switch self.status {
        case 400 where self.wantsCertificate: "give a client certificate that it trusts with --cert and --key"
        case 403 where self.network != nil: self.hintAboutNetwork
        case 401 where self.hadCredentials, 403 where self.hadCredentials:
            "check the credentials that were sent, by --user or otherwise"
        case 401, 403: "send credentials with --user or --header"
        case 520...530 where self.network == .cloudflare:
            "Cloudflare gets no answer from the server behind it; see whether that runs, and its TLS settings there"
        case 404: "check the path"
        case 407: "a proxy on the way wants credentials; name it with --proxy, and --proxy-user"
        case 301, 302, 303, 307, 308: "use the address that Location names, or follow it with --location"
        case 400 where self.wantsTLS: "this port wants TLS; use wss://"
        case 400 where self.saysWhatIsWrong: "mend what the server names, or see its log"
        case 400, 426:
            "if the path is right, a proxy on the way does not pass Upgrade and Connection on; nginx needs "
                + "proxy_http_version 1.1 and proxy_set_header for both"
        case 429, 503: "try again later, or have --retry do it"
        case 502, 504: "the service behind the server does not answer"
        case 200...299:
            "the server does not take this for a WebSocket; check the path, and that proxies pass Upgrade on"
        default: "ask whoever runs the server"
        }
    }

    private var hintAboutNetwork: String {
        let name = self.network?.rawValue ?? ""
        let credentials = self.hadCredentials ? "other credentials" : "credentials, see --user and --header"
        return "\(name) passed this on, or refused by itself: see its log, and whether it lets WebSockets through; "
            + "else the server wants \(credentials)"
    }
}
