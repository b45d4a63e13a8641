// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Cookies of many hosts, from a file in Netscape's format, as curl and browsers' tools write it.
public struct CookieJar: Hashable, Sendable {
    private struct Cookie: Hashable {
        /// Without a dot before it.
        var domain: String
        var isForSubdomains: Bool
        var path: String
        var isSecure: Bool
        /// Seconds since 1970; zero: when the session ends, so never for us.
        var expires: Int
        var name: String
        var value: String
        var isSetByAnAnswer = false
    }

    private var cookies: [Cookie] = []

    /// An empty one.
    public init() {}

    /// Adds the cookies of a file's lines.
    ///
    /// - Returns: the number of the first line that is neither a cookie nor a comment, from 1 on; `nil` if all are fine.
    public mutating func add(lines: [String]) -> Int? {
        for (index, line) in lines.enumerated() {
            let isHidden = line.hasPrefix(Self.hiddenPrefix)
            let line = isHidden ? line.dropFirst(Self.hiddenPrefix.count) : line[...]
            if line.isEmpty || (line.hasPrefix("#") && !isHidden) { continue }
            guard let cookie = Self.cookie(line) else { return index + 1 }
            self.cookies.removeAll { $0.name == cookie.name && $0.domain == cookie.domain && $0.path == cookie.path }
            self.cookies.append(cookie)
        }
        return nil
    }

    /// Keeps a cookie that an answer sets, or takes away one that it has expire, as RFC 6265 §5.3 has it.
    ///
    /// - Parameters:
    ///   - field: the value of `Set-Cookie`.
    ///   - url: what was answered. A cookie that this may not set is left out.
    ///   - now: seconds since 1970.
    mutating func add(setCookie field: String, from url: WebSocketURL, at now: Int) {
        guard var cookie = Self.cookie(setCookie: field, from: url, at: now) else { return }
        cookie.isSetByAnAnswer = true
        self.cookies.removeAll { $0.name == cookie.name && $0.domain == cookie.domain && $0.path == cookie.path }
        guard cookie.expires == 0 || cookie.expires > now else { return }
        let older = self.cookies.indices.filter { self.cookies[$0].isSetByAnAnswer }
        if older.count >= Self.limit, let oldest = older.first { self.cookies.remove(at: oldest) }
        self.cookies.append(cookie)
    }

    private static func cookie(setCookie field: String, from url: WebSocketURL, at now: Int) -> Cookie? {
        guard field.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { return nil }
        let parts = field.split(separator: ";", omittingEmptySubsequences: false).map(Self.pair)
        guard let first = parts.first, let value = first.value, !first.name.isEmpty else { return nil }
        let host = url.hostAndPort.host.lowercased()
        let target = url.target.prefix { $0 != "?" }
        var cookie = Cookie(
            domain: host,
            isForSubdomains: false,
            path: String(target.lastIndex(of: "/").map { target[..<$0] } ?? ""),
            isSecure: false,
            expires: 0,
            name: first.name,
            value: value
        )
        if cookie.path.isEmpty { cookie.path = "/" }
        var maxAge: Int?
        for (name, value) in parts.dropFirst() {
            switch (name.lowercased(), value ?? "") {
            case ("secure", _): cookie.isSecure = true
            case ("path", let path) where path.hasPrefix("/"): cookie.path = path
            case ("expires", let date): cookie.expires = HTTPDate(date).map { max($0.secondsSince1970, 1) } ?? 0
            case ("max-age", let seconds): maxAge = Int(seconds)
            case ("domain", let domain) where !domain.isEmpty:
                cookie.domain = (domain.hasPrefix(".") ? domain.dropFirst() : domain[...]).lowercased()
                cookie.isForSubdomains = true
            case _: break
            }
        }
        // It comes before Expires.
        if let maxAge { cookie.expires = maxAge > 0 ? now + min(maxAge, Self.longestAge) : 1 }
        return Self.mayBeSet(cookie, by: host, isSecure: url.isSecure || Self.isThisMachine(host)) ? cookie : nil
    }

    private static func pair(_ part: Substring) -> (name: String, value: String?) {
        let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
        return (words.first ?? "", words.count > 1 ? words.last : nil)
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }

    private static func mayBeSet(_ cookie: Cookie, by host: String, isSecure: Bool) -> Bool {
        if cookie.isSecure, !isSecure { return false }
        // A whole top level domain belongs to nobody.
        if cookie.domain != host {
            guard cookie.domain.utf8.contains(UInt8(ascii: ".")), Self.isSubdomain(host, of: cookie.domain) else {
                return false
            }
        }
        if cookie.name.hasPrefix("__Secure-") { return cookie.isSecure }
        if cookie.name.hasPrefix("__Host-") { return cookie.isSecure && cookie.path == "/" && !cookie.isForSubdomains }
        return true
    }

    /// Domain, whether subdomains get it, path, whether TLS is needed, end in seconds since 1970, name, value.
    private static func cookie(_ line: Substring) -> Cookie? {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 7 || fields.count == 6, let expires = Int(fields[4]), !fields[5].isEmpty else {
            return nil
        }
        let flags = [fields[1], fields[3]].map { $0.uppercased() }
        guard flags.allSatisfy({ $0 == "TRUE" || $0 == "FALSE" }), !fields[0].isEmpty, fields[2].hasPrefix("/") else {
            return nil
        }
        guard line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { return nil }
        return Cookie(
            domain: (fields[0].hasPrefix(".") ? fields[0].dropFirst() : fields[0]).lowercased(),
            isForSubdomains: flags[0] == "TRUE",
            path: String(fields[2]),
            isSecure: flags[1] == "TRUE",
            expires: expires,
            name: String(fields[5]),
            value: fields.count == 7 ? String(fields[6]) : ""
        )
    }

    /// `name=value` of the cookies for `url`: those of longer paths first, as RFC 6265 §5.4 has it.
    ///
    /// - Parameter now: seconds since 1970.
    func cookies(for url: WebSocketURL, at now: Int) -> [String] {
        let host = url.hostAndPort.host.lowercased()
        let path = String(url.target.prefix { $0 != "?" })
        let isSecure = url.isSecure || Self.isThisMachine(host)
        let fitting = self.cookies.filter { cookie in
            (cookie.domain == host || cookie.isForSubdomains && Self.isSubdomain(host, of: cookie.domain))
                && Self.isPath(path, under: cookie.path) && (isSecure || !cookie.isSecure)
                && (cookie.expires == 0 || cookie.expires > now)
        }
        let ordered = fitting.enumerated().sorted { one, other in
            (other.element.path.utf8.count, one.offset) < (one.element.path.utf8.count, other.offset)
        }
        return ordered.map { "\($0.element.name)=\($0.element.value)" }
    }

    /// What goes there can't be listened to.
    private static func isThisMachine(_ host: String) -> Bool { ["localhost", "127.0.0.1", "::1"].contains(host) }

    /// An address has no subdomains.
    private static func isSubdomain(_ host: String, of domain: String) -> Bool {
        let isAddress = host.utf8.contains(UInt8(ascii: ":")) || host.utf8.last.map { (48...57).contains($0) } ?? false
        return !isAddress && host.hasSuffix(".\(domain)")
    }

    /// RFC 6265 §5.1.4.
    private static func isPath(_ path: String, under other: String) -> Bool {
        path == other || path.hasPrefix(other.hasSuffix("/") ? other : other + "/")
    }

    /// Of cookies that answers set; older ones go.
    private static let limit = 300
    /// In seconds: as browsers have it, 400 days.
    private static let longestAge = 400 * 24 * 60 * 60
    /// Before the domain of a cookie that scripts do not see.
    private static let hiddenPrefix = "#HttpOnly_"
}
