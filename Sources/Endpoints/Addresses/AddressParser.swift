// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Reads addresses in Strait's spelling, and in those of websocat and socat that mean the same.
struct AddressParser {
    /// The whole argument.
    let text: String

    static let forms = """
        use -, ws://HOST/PATH, wss://HOST/PATH, ws-listen:, wss-listen:, tcp:HOST:PORT, tcp-listen:, unix:PATH, \
        unix-listen:, ws+unix:PATH:/URI, ws-unix-listen:, exec:, sh:, echo: or discard:
        """

    func parse() throws(AddressError) -> Address {
        if self.text == "-" { return .standardStreams }
        guard let colon = self.text.firstIndex(of: ":") else {
            throw self.error("no such address", Self.forms)
        }
        let scheme = self.text[..<colon].lowercased()
        let rest = self.text[self.text.index(after: colon)...]
        try self.refuseCombinedSyntax(scheme)
        switch scheme {
        case "stdio", "inetd":
            try self.refuse(rest, behind: scheme)
            return .standardStreams
        case "ws", "ws-connect", "ws-c", "wss", "wss-connect", "wss-c":
            return .webSocket(try self.url(rest, isSecure: scheme.hasPrefix("wss")))
        case "ws-listen", "ws-l", "l-ws":
            return try self.webSocketListen(rest, isSecure: false)
        case "wss-listen", "wss-l", "l-wss":
            return try self.webSocketListen(rest, isSecure: true)
        case "ws+unix", "ws-unix", "ws-u":
            return try self.webSocketOverUnix(rest)
        case "ws-unix-listen", "ws-unix-l", "ws-ul":
            return .webSocketUnixListen(path: try self.path(rest))
        case "tcp", "tcp-connect", "tcp-c":
            return .tcp(try self.hostAndPort(rest, defaultHost: nil))
        case "tcp-listen", "tcp-l", "l-tcp":
            return .tcpListen(try self.hostAndPort(rest, defaultHost: "127.0.0.1"))
        case "unix", "unix-connect", "unix-c":
            return .unix(path: try self.path(rest))
        case "abstract", "abstract-connect", "abstract-c":
            return .unix(path: try self.path("@" + rest))
        case "unix-listen", "unix-l", "l-unix":
            return .unixListen(path: try self.path(rest))
        case "abstract-listen", "abstract-l", "l-abstract":
            return .unixListen(path: try self.path("@" + rest))
        case "exec":
            return try self.exec(rest)
        case "sh", "cmd", "sh-c", "system":
            guard !rest.isEmpty else { throw self.error("no command", "use sh:COMMAND LINE") }
            return .shell(String(rest))
        case "echo", "mirror":
            try self.refuse(rest, behind: scheme)
            return .echo
        case "discard", "null":
            try self.refuse(rest, behind: scheme)
            return .discard
        default:
            let hint = Self.hint(scheme: scheme, isPort: UInt16(rest) != nil)
            throw self.error("unknown address type \"\(scheme)\"", hint + Self.forms)
        }
    }

    private func refuse(_ rest: Substring, behind scheme: String) throws(AddressError) {
        guard rest.isEmpty else { throw self.error("something behind \(scheme):", "use \(scheme): alone") }
    }

    /// What was meant, where that is plain.
    private static func hint(scheme: String, isPort: Bool) -> String {
        switch scheme {
        case "http": "a WebSocket there is ws://; "
        case "https": "a WebSocket there is wss://; "
        case _ where isPort: "HOST:PORT is tcp:HOST:PORT; "
        default: ""
        }
    }

    /// A combining character makes one `Character` of itself and what it follows, so a `/` before it would be none to us.
    func refuseCombinedSyntax(_ scheme: String) throws(AddressError) {
        if ["exec", "sh", "cmd", "sh-c", "system"].contains(scheme) { return }
        let isCombined = self.text.contains { character in
            guard character.unicodeScalars.count > 1, let first = character.unicodeScalars.first else { return false }
            return Self.syntax.contains(first)
        }
        if isCombined { throw self.error("a combining character behind one of \(Self.syntax)", "percent-encode it") }
    }

    private static let syntax = ":/@?#[]%".unicodeScalars

    // MARK: WebSocket

    private func url(_ rest: Substring, isSecure: Bool) throws(AddressError) -> WebSocketURL {
        let form = "use \(isSecure ? "wss" : "ws")://HOST[:PORT]/PATH"
        guard rest.hasPrefix("//") else { throw self.error("no // after the scheme", form) }
        let afterSlashes = rest.dropFirst(2)
        let authorityEnd = afterSlashes.firstIndex { "/?#".contains($0) } ?? afterSlashes.endIndex
        var authority = afterSlashes[..<authorityEnd]
        // A fragment is the client's own business and never sent, as with curl (RFC 6455 §3, RFC 9110 §4.2.5).
        var target = String(afterSlashes[authorityEnd...].prefix { $0 != "#" })
        if !target.hasPrefix("/") { target = "/" + target }
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw self.error("the path has spaces or characters outside ASCII", "percent-encode them, such as %20")
        }
        var credentials: String?
        if let at = authority.unicodeScalars.lastIndex(of: "@") {
            credentials = try self.percentDecoded(authority[..<at])
            authority = authority[authority.unicodeScalars.index(after: at)...]
        }
        let port = isSecure ? 443 : 80
        let host = try self.hostAndPort(authority, defaultHost: nil, defaultPort: port, form: form)
        return WebSocketURL(isSecure: isSecure, hostAndPort: host, target: target, credentials: credentials)
    }

    private func webSocketListen(_ rest: Substring, isSecure: Bool) throws(AddressError) -> Address {
        // websocat also takes ws-l://HOST:PORT.
        let rest = rest.hasPrefix("//") ? rest.dropFirst(2) : rest
        let pathStart = rest.firstIndex(of: "/") ?? rest.endIndex
        let path = rest[pathStart...].isEmpty ? nil : String(rest[pathStart...])
        if let path {
            guard !path.contains("?") else {
                throw self.error("a query in the path to listen on", "leave it out: a path is served with any query")
            }
            guard !path.contains("#") else { throw self.error("a fragment (#) in the path", "write %23") }
            guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw self.error("the path has spaces or characters outside ASCII", "percent-encode them, such as %20")
            }
        }
        let host = try self.hostAndPort(rest[..<pathStart], defaultHost: "127.0.0.1")
        return .webSocketListen(isSecure: isSecure, host, path: path)
    }

    private func webSocketOverUnix(_ rest: Substring) throws(AddressError) -> Address {
        let scalars = rest.unicodeScalars
        let slash = scalars.indices.last { index in
            scalars[index] == "/" && index > scalars.startIndex && scalars[scalars.index(before: index)] == ":"
        }
        let path = slash.map { rest[..<scalars.index(before: $0)] } ?? rest
        let target = slash.map { String(rest[$0...]) } ?? "/"
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw self.error("the URI has spaces or characters outside ASCII", "percent-encode them, such as %20")
        }
        return .webSocketOverUnix(path: try self.path(path), target: target)
    }

    private func percentDecoded(_ text: Substring) throws(AddressError) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Self.hexValue), let low = rest.popFirst().flatMap(Self.hexValue)
            else { throw self.error("a % in the user name or password is not followed by two hex digits", "write %25") }
            bytes.append(high << 4 | low)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    // MARK: Hosts, ports and paths

    func hostAndPort(
        _ rest: Substring,
        defaultHost: String?,
        defaultPort: Int? = nil,
        form: String? = nil
    ) throws(AddressError) -> HostAndPort {
        let form = form ?? (defaultHost == nil ? "use HOST:PORT, IPv6 as [::1]:22" : "use [HOST:]PORT")
        var host: Substring
        var port: Substring?
        if rest.hasPrefix("[") {
            guard let bracket = rest.firstIndex(of: "]") else { throw self.error("no ] after the IPv6 address", form) }
            host = rest[rest.index(after: rest.startIndex)..<bracket]
            let after = rest[rest.index(after: bracket)...]
            guard after.isEmpty || after.hasPrefix(":") else {
                throw self.error("\(self.shown(after)) after the ]", form)
            }
            port = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = rest.lastIndex(of: ":") {
            host = rest[..<colon]
            port = rest[rest.index(after: colon)...]
            guard !host.contains(":") else { throw self.error("an IPv6 address needs brackets", form) }
        } else if let defaultHost {
            host = Substring(defaultHost)
            port = rest
        } else {
            host = rest
        }
        if host.isEmpty, let defaultHost { host = Substring(defaultHost) }
        guard !host.isEmpty else { throw self.error("no host", form) }
        guard host.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw self.error("the host has characters outside ASCII", "write it in its xn-- form")
        }
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && !"@[]()<>?#/\\^`{|}\"".utf8.contains($0) }) else {
            throw self.error("the host has characters that no host name has", form)
        }
        guard let text = port, !text.isEmpty else {
            guard let defaultPort else { throw self.error("no port", form) }
            return HostAndPort(String(host), defaultPort)
        }
        guard let number = Int(text), (0...65535).contains(number), text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
            number > 0 || defaultHost != nil
        else {
            throw self.error("\(self.shown(text)) is not a port", "ports are \(defaultHost == nil ? 1 : 0) to 65535")
        }
        return HostAndPort(String(host), number)
    }

    /// Length of `sun_path` less its final zero (unix(7)).
    private static let longestPath = 107

    private func path(_ rest: Substring) throws(AddressError) -> String {
        guard !rest.isEmpty, rest != "@" else {
            throw self.error("no path", "use a file's path, or @NAME for an abstract one")
        }
        // The @ of an abstract name stands for the zero before it, which takes the place of that behind a path.
        let length = rest.utf8.count - (rest.utf8.first == UInt8(ascii: "@") ? 1 : 0)
        guard length <= Self.longestPath else {
            let problem = "the path has \(length) bytes"
            throw self.error(problem, "a Unix socket's path has at most \(Self.longestPath)")
        }
        return String(rest)
    }

    // MARK: Programs

    private func exec(_ rest: Substring) throws(AddressError) -> Address {
        var words = try self.words(rest)
        guard !words.isEmpty else { throw self.error("no program", "use exec:PROGRAM ARG…") }
        let program = words.removeFirst()
        return .exec(program: program, arguments: words)
    }

    /// Splits at spaces; quotes and backslashes keep them, as in a shell.
    private func words(_ text: Substring) throws(AddressError) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = text
        while let character = rest.popFirst() {
            switch (character, quote) {
            case ("\\", "\"") where !Self.escapable.contains(rest.first ?? "\\"):
                word = (word ?? "") + "\\"
            case ("\\", nil), ("\\", "\""):
                guard let next = rest.popFirst() else { throw self.error("a \\ at the end", "write \\\\") }
                word = (word ?? "") + String(next)
            case (let end, let open?) where end == open:
                quote = nil
            case ("'", nil), ("\"", nil):
                quote = character
                word = word ?? ""
            case (" ", nil), ("\t", nil):
                if let complete = word { words.append(complete) }
                word = nil
            default:
                word = (word ?? "") + String(character)
            }
        }
        if let quote { throw self.error("a \(quote) is not closed", "close it, or write \\\(quote)") }
        if let word { words.append(word) }
        return words
    }

    /// What a backslash keeps within double quotes, where it stands for itself before anything else (POSIX XCU 2.2.3).
    private static let escapable: [Character] = ["\\", "\"", "$", "`"]

    // MARK: Errors

    func error(_ problem: String, _ expected: String) -> AddressError {
        AddressError(address: self.withoutSecrets, problem: problem, expected: expected)
    }

    /// A part in quotes, unless it may be one of a password whose / is not percent-encoded.
    private func shown(_ part: Substring) -> String {
        self.text.unicodeScalars.contains("@") ? "what is there" : "\"\(part)\""
    }

    /// Credentials stand before an @, tokens in a query. Neither need be where it should: this is for wrong addresses.
    /// Looked for by scalars, since an @ with a combining character behind it is another `Character`.
    private var withoutSecrets: String {
        let scalars = self.text.unicodeScalars
        let schemeEnd = scalars.firstIndex(of: ":") ?? scalars.endIndex
        let scheme = self.text[..<schemeEnd].lowercased()
        guard !Self.schemesWithoutSecrets.contains(where: scheme.hasPrefix) else { return self.text }
        let start = scalars[schemeEnd...].firstIndex { $0 != ":" && $0 != "/" } ?? scalars.endIndex
        var rest = scalars[start...]
        var credentials = ""
        if let at = rest.lastIndex(of: "@"), at > start {
            credentials = "…"
            rest = rest[at...]
        }
        let beginning = String(scalars[..<start]) + credentials
        guard let query = rest.firstIndex(of: "?") else { return beginning + String(rest) }
        return beginning + String(rest[...query]) + "…"
    }

    /// Paths and commands, in which @ and ? mean something else.
    private static let schemesWithoutSecrets = ["unix", "abstract", "exec", "sh", "cmd", "system"]
}

extension Address {
    /// - Throws: `AddressError`, which shows the part that is wrong and the forms allowed.
    public init(_ text: String) throws(AddressError) {
        self = try AddressParser(text: text).parse()
    }
}
