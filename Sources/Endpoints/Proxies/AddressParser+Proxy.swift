// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

extension Proxy {
    /// Reads `[SCHEME://][USER:PASSWORD@]HOST[:PORT]`, as curl does.
    ///
    /// - Throws: `AddressError`, which shows the part that is wrong, and no credentials.
    public init(_ text: String) throws(AddressError) {
        self = try AddressParser(text: text).proxy()
    }
}

extension AddressParser {
    func proxy() throws(AddressError) -> Proxy {
        let form = "use [http://|https://|socks5://|socks5h://][USER:PASSWORD@]HOST[:PORT]"
        try self.refuseCombinedSyntax("")
        let scalars = self.text.unicodeScalars
        var rest = self.text[...]
        var scheme = Proxy.Scheme.http
        if let slashes = scalars.indices.first(where: { scalars[$0...].starts(with: "://".unicodeScalars) }) {
            scheme = try self.scheme(self.text[..<slashes].lowercased(), form)
            rest = self.text[scalars.index(slashes, offsetBy: 3)...]
        }
        // As curl does: what follows the host, such as the slash that many environments have, says nothing.
        let end = rest.unicodeScalars.firstIndex { "/?#".unicodeScalars.contains($0) } ?? rest.endIndex
        var authority = rest[..<end]
        var credentials: ProxyCredentials?
        if let at = authority.unicodeScalars.lastIndex(of: "@") {
            credentials = ProxyCredentials(authority[..<at])
            authority = authority[authority.unicodeScalars.index(after: at)...]
        }
        let port = scheme == .https ? Self.httpsProxyPort : Self.proxyPort
        let host = try self.hostAndPort(authority, defaultHost: nil, defaultPort: port, form: form)
        return Proxy(scheme, host, credentials: credentials)
    }

    private func scheme(_ text: String, _ form: String) throws(AddressError) -> Proxy.Scheme {
        if ["socks", "socks4", "socks4a"].contains(text) {
            throw self.error("SOCKS 4 is not spoken here", "most such proxies speak socks5:// or socks5h://, too")
        }
        guard let scheme = Proxy.Scheme(rawValue: text) else {
            throw self.error("no such kind of proxy", form)
        }
        return scheme
    }

    /// curl's.
    private static let proxyPort = 1080
    private static let httpsProxyPort = 443
}
