// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Addresses")
struct AddressParserTests {
    // MARK: Forms

    @Test(arguments: ["-", "stdio:", "STDIO:", "inetd:"])
    func standardStreamsHaveTheseSpellings(text: String) throws {
        #expect(try Address(text) == .standardStreams)
    }

    @Test(arguments: ["ws:", "ws-connect:", "ws-c:", "WS:", "Ws-Connect:"])
    func webSocketsHaveTheseSpellings(scheme: String) throws {
        #expect(try Address("\(scheme)//gw.example/ssh") == .webSocket(Self.url("gw.example", 80, "/ssh")))
    }

    @Test(arguments: ["wss:", "wss-connect:", "wss-c:", "WSS:"])
    func webSocketsOverTLSHaveTheseSpellings(scheme: String) throws {
        let url = Self.url("gw.example", 443, "/ssh", isSecure: true)
        #expect(try Address("\(scheme)//gw.example/ssh") == .webSocket(url))
    }

    @Test(arguments: ["ws-listen:", "ws-l:", "l-ws:", "WS-L:", "ws-listen://", "ws-l://"])
    func webSocketListenersHaveTheseSpellings(scheme: String) throws {
        let expected = Address.webSocketListen(isSecure: false, HostAndPort("127.0.0.1", 8080), path: nil)
        #expect(try Address("\(scheme)127.0.0.1:8080") == expected)
    }

    @Test(arguments: ["wss-listen:", "wss-l:", "l-wss:", "WSS-LISTEN:"])
    func webSocketListenersOverTLSHaveTheseSpellings(scheme: String) throws {
        let expected = Address.webSocketListen(isSecure: true, HostAndPort("127.0.0.1", 8443), path: "/x")
        #expect(try Address("\(scheme)8443/x") == expected)
    }

    @Test(arguments: ["ws+unix:", "ws-unix:", "ws-u:", "WS+UNIX:"])
    func webSocketsOverUnixSocketsHaveTheseSpellings(scheme: String) throws {
        #expect(try Address("\(scheme)/run/s:/ssh?x=1") == .webSocketOverUnix(path: "/run/s", target: "/ssh?x=1"))
    }

    @Test(arguments: ["ws-unix-listen:", "ws-unix-l:", "ws-ul:", "WS-UL:"])
    func webSocketListenersOnUnixSocketsHaveTheseSpellings(scheme: String) throws {
        #expect(try Address("\(scheme)/run/s") == .webSocketUnixListen(path: "/run/s"))
    }

    @Test(arguments: ["tcp:", "tcp-connect:", "tcp-c:", "TCP:", "TCP-CONNECT:"])
    func tcpHasTheseSpellings(scheme: String) throws {
        #expect(try Address("\(scheme)db.example:5432") == .tcp(HostAndPort("db.example", 5432)))
    }

    @Test(arguments: ["tcp-listen:", "tcp-l:", "l-tcp:", "TCP-LISTEN:"])
    func tcpListenersHaveTheseSpellings(scheme: String) throws {
        #expect(try Address("\(scheme)5432") == .tcpListen(HostAndPort("127.0.0.1", 5432)))
    }

    @Test(arguments: [
        ("unix:/run/s", "/run/s"), ("unix-connect:/run/s", "/run/s"), ("unix-c:rel/s", "rel/s"), ("UNIX:S", "S"),
        ("unix:@name", "@name"), ("abstract:name", "@name"), ("abstract-connect:name", "@name"), ("abstract-c:a", "@a"),
    ])
    func unixSocketsHaveTheseSpellings(text: String, path: String) throws {
        #expect(try Address(text) == .unix(path: path))
    }

    @Test(arguments: [
        ("unix-listen:/run/s", "/run/s"), ("unix-l:/run/s", "/run/s"), ("l-unix:/run/s", "/run/s"),
        ("UNIX-LISTEN:@n", "@n"), ("abstract-listen:n", "@n"), ("abstract-l:n", "@n"), ("l-abstract:n", "@n"),
    ])
    func unixListenersHaveTheseSpellings(text: String, path: String) throws {
        #expect(try Address(text) == .unixListen(path: path))
    }

    @Test(arguments: ["sh:", "cmd:", "sh-c:", "system:", "SH:"])
    func shellCommandsHaveTheseSpellingsAndStayAsTheyAre(scheme: String) throws {
        #expect(try Address("\(scheme)a 'b  c' | d: e") == .shell("a 'b  c' | d: e"))
    }

    @Test(arguments: [
        ("echo:", Address.echo), ("mirror:", .echo), ("ECHO:", .echo), ("discard:", .discard), ("null:", .discard),
    ])
    func builtInAddressesHaveTheseSpellings(text: String, address: Address) throws {
        #expect(try Address(text) == address)
    }

    // MARK: URLs

    @Test(arguments: [
        ("ws://h", "/"), ("ws://h/", "/"), ("ws://h?x=1", "/?x=1"), ("ws://h/a/b?x=1&y=/2", "/a/b?x=1&y=/2"),
        ("ws://h:80/a:b", "/a:b"), ("ws://h/%20", "/%20"), ("ws://h/a@b", "/a@b"), ("ws://h#x", "/"),
        ("ws://h/a?b#c?d", "/a?b"),
        ("ws://h/~!$'()*+,;=", "/~!$'()*+,;="),
    ])
    func keepsPathAndQueryOfAURL(text: String, target: String) throws {
        #expect(try Address(text) == .webSocket(Self.url("h", 80, target)))
    }

    @Test(arguments: [
        ("ws://h", 80), ("ws://h:", 80), ("ws://h:/", 80), ("wss://h", 443), ("ws://h:443", 443), ("wss://h:80", 80),
        ("ws://h:1", 1), ("ws://h:65535", 65535), ("ws://h:0080", 80),
    ])
    func takesThePortOfTheSchemeUnlessOneIsGiven(text: String, port: Int) throws {
        #expect(try Self.url(of: text).hostAndPort == HostAndPort("h", port))
    }

    @Test(arguments: [
        ("ws://h:80/", "h"), ("ws://h:8080/", "h:8080"), ("wss://h:443/", "h"), ("wss://h:80/", "h:80"),
        ("ws://[::1]/", "[::1]"), ("ws://[::1]:81/", "[::1]:81"),
    ])
    func theHostHeaderLeavesOutThePortOfTheScheme(text: String, authority: String) throws {
        #expect(try Self.url(of: text).authority == authority)
    }

    @Test(arguments: [
        ("ws://u:p@h", "u:p"), ("ws://u@h", "u"), ("ws://@h", ""), ("ws://u:@h", "u:"), ("ws://u:p@q@h", "u:p@q"),
        ("ws://u%40x:p%2Fq%3f@h", "u@x:p/q?"), ("ws://%75:%70@h", "u:p"), ("ws://u:%25@h", "u:%"),
        ("ws://%C3%A9:\u{E9}@h", "\u{E9}:\u{E9}"),
    ])
    func decodesCredentials(text: String, credentials: String) throws {
        let url = try Self.url(of: text)
        #expect(url.credentials == credentials)
        #expect(url.hostAndPort == HostAndPort("h", 80))
    }

    @Test func aURLWithoutCredentialsHasNone() throws {
        #expect(try Self.url(of: "ws://h/").credentials == nil)
    }

    @Test(arguments: [
        "ws://u:%@h", "ws://u:%4@h", "ws://u:%4g@h", "ws://u:%g4@h", "ws://u:%+f@h", "ws://u:%-f@h", "ws://u:% f@h",
        "ws://u:%\u{E9}@h", "ws://u:%a\u{E9}@h", "ws://u:%%@h",
    ])
    func refusesPercentSignsWithoutTwoHexDigits(text: String) {
        Self.expectError(text, problem: "not followed by two hex digits")
    }

    @Test(arguments: ["ws://u:secret@h/a?token=secret", "wss://secret:secret@h:1/?secret", "ws://secret@[::1]/a"])
    func aDescriptionHasNoCredentialsAndNoQuery(text: String) throws {
        #expect(!"\(try Address(text))".contains("secret"))
    }

    // MARK: Hosts and ports

    @Test(arguments: [
        ("tcp:h:22", "h", 22), ("tcp:127.0.0.1:22", "127.0.0.1", 22), ("tcp:[::1]:22", "::1", 22),
        ("tcp:[fe80::1%eth0]:22", "fe80::1%eth0", 22), ("tcp:h:1", "h", 1), ("tcp:h:65535", "h", 65535),
    ])
    func takesHostAndPort(text: String, host: String, port: Int) throws {
        #expect(try Address(text) == .tcp(HostAndPort(host, port)))
    }

    @Test(arguments: [
        ("tcp-listen:0", "127.0.0.1", 0), ("tcp-listen:1", "127.0.0.1", 1), ("tcp-listen:65535", "127.0.0.1", 65535),
        ("tcp-listen::8080", "127.0.0.1", 8080), ("tcp-listen:0.0.0.0:8080", "0.0.0.0", 8080),
        ("tcp-listen:[::]:0", "::", 0), ("tcp-listen:localhost:80", "localhost", 80),
    ])
    func aListenerNeedsNoHostAndMayTakeAFreePort(text: String, host: String, port: Int) throws {
        #expect(try Address(text) == .tcpListen(HostAndPort(host, port)))
    }

    @Test(
        arguments: [
            ("ws-listen:8080", "127.0.0.1", 8080, nil), ("ws-listen:0/", "127.0.0.1", 0, "/"),
            ("ws-listen:8080/a/b:c", "127.0.0.1", 8080, "/a/b:c"), ("ws-listen:[::1]:80/x", "::1", 80, "/x"),
            ("ws-listen:0.0.0.0:65535/x", "0.0.0.0", 65535, "/x"),
        ] as [(String, String, Int, String?)]
    )
    func aWebSocketListenerMayHaveAPath(text: String, host: String, port: Int, path: String?) throws {
        #expect(try Address(text) == .webSocketListen(isSecure: false, HostAndPort(host, port), path: path))
    }

    @Test(arguments: [
        "tcp:h:0", "tcp:h:65536", "tcp:h:-1", "tcp:h:+1", "tcp:h:x", "tcp:h:1x", "tcp:h: 1",
        "tcp:h:99999999999999999999",
        "tcp:h:\u{0661}", "ws://h:0/", "ws://h:65536/", "ws://h:x/", "tcp-listen:65536", "tcp-listen:-1",
        "tcp-listen:h:x", "ws-listen:65536", "ws-listen:x/p",
    ])
    func refusesWhatIsNotAPort(text: String) {
        Self.expectError(text, problem: "is not a port")
    }

    @Test func anErrorAboutAPortNamesItAndTheRange() {
        #expect(Self.error("tcp:h:70000") == "tcp:h:70000: \"70000\" is not a port (ports are 1 to 65535)")
        #expect(Self.error("tcp-listen:70000") == "tcp-listen:70000: \"70000\" is not a port (ports are 0 to 65535)")
    }

    @Test(arguments: [
        ("tcp:", "no host"), ("tcp::22", "no host"), ("tcp:[]:22", "no host"), ("ws://", "no host"),
        ("ws:///x", "no host"),
        ("ws://:80/", "no host"), ("ws://u:p@/", "no host"), ("tcp:h", "no port"), ("tcp:h:", "no port"),
        ("tcp:[::1]", "no port"), ("tcp-listen:", "no port"), ("tcp-listen:h:", "no port"), ("ws-listen:", "no port"),
        ("ws-listen:/x", "no port"), ("tcp:[::1", "no ] after the IPv6 address"), ("ws://[::1", "no ] after"),
        ("tcp:[::1]22", "\"22\" after the ]"), ("tcp:::1:22", "needs brackets"), ("ws://::1/", "needs brackets"),
        ("tcp-listen:::1:22", "needs brackets"), ("tcp:a b:22", "characters that no host name has"),
        ("tcp:a\tb:22", "characters that no host name has"), ("tcp:u@h:22", "characters that no host name has"),
        ("tcp:m\u{FC}nchen.example:1", "outside ASCII"), ("ws://\u{301}/", "combining character"),
        ("ws://h/\u{301}", "combining character"), ("tcp:\u{301}h:1", "combining character"),
        ("ws://[[h]/", "characters that no host name has"), ("ws-listen:a?b:80", "characters that no host name has"),
    ])
    func namesThePartOfAHostThatIsWrong(text: String, problem: String) {
        Self.expectError(text, problem: problem)
    }

    @Test(arguments: [
        ("ws:h", "no // after the scheme"), ("wss:/h", "no // after the scheme"),
        ("ws://h/a b", "spaces or characters outside ASCII"),
        ("ws://h/\u{E9}", "spaces or characters outside ASCII"),
        ("ws://h/\u{7F}", "spaces or characters outside ASCII"),
        ("ws://h/a\r\nHost: x", "spaces or characters outside ASCII"), ("ws-listen:80/a?b", "a query"),
        ("ws-listen:80/a#b", "fragment"), ("ws-listen:80/a b", "spaces or characters outside ASCII"),
        ("ws-listen:80/\u{E9}", "spaces or characters outside ASCII"),
    ])
    func namesThePartOfAURLThatIsWrong(text: String, problem: String) {
        Self.expectError(text, problem: problem)
    }

    @Test(arguments: ["foo", "", "--", "localhost", "/run/s"])
    func withoutAColonThereIsNoAddress(text: String) {
        Self.expectError(text, problem: "no such address")
    }

    @Test(arguments: [
        ("http://h/", "http"), ("foo:x", "foo"), (":80", ""), ("h:80", "h"), ("ws :x", "ws "), ("tcp4:h:1", "tcp4"),
    ])
    func anUnknownTypeIsNamedTogetherWithAllForms(text: String, scheme: String) {
        Self.expectError(text, problem: "unknown address type \"\(scheme)\"")
        #expect(Self.error(text)?.contains("wss-listen:") == true)
    }

    @Test(arguments: [
        ("http://h/", "(a WebSocket there is ws://; use -"), ("https://h/", "(a WebSocket there is wss://; use -"),
        ("h:22", "(HOST:PORT is tcp:HOST:PORT; use -"), ("h:x", "(use -"), ("h:65536", "(use -"),
    ])
    func whatWasMeantIsSaidWhereItIsPlain(text: String, hint: String) {
        #expect(Self.error(text)?.contains(hint) == true)
    }

    // MARK: Secrets

    @Test(arguments: [
        "ws://user:secret@h:0/", "ws://user:secret@", "wss://user:secret@h:x/#x", "ws://user:secret@h/a b",
        "ws://user:secret%@h/", "ws:user:secret@h/", "wss:/user:secret@h/", "ws://user:secret@h:x/",
        "ws://user:secret/more@h/", "ws://user:secret?more@h/", "ws://user:secret#more@h/", "ws://user:[secret/x@h/",
        "ws://user:[x]secret/x@h/", "ws://us er:1/secret@h/", "ws://h:0/?token=secret", "ws://h:x/?token=secret",
        "ws://h:0/?token=secret#x", "http://user:secret@h/", "https://h/?token=secret", "ws-listen://u:secret@h:1",
        "ws-listen:u:secret@h:1", "ws-listen:x/?token=secret", "ws+unix:/s:/a b?token=secret", "tcp:user:secret@h:22",
        "tcp://user:secret@h:22",
    ])
    func noErrorShowsASecret(text: String) throws {
        let error = try #require(Self.error(text))
        #expect(!error.contains("secret"))
    }

    // MARK: Unix sockets

    @Test(arguments: ["unix:", "unix-listen:", "abstract:", "ws-unix-listen:", "ws+unix:"])
    func aPathFitsTheKernelsLimit(scheme: String) throws {
        let name = String(repeating: "n", count: 107)
        _ = try Address(scheme + name)
        Self.expectError(scheme + name + "n", problem: "the path has 108 bytes")
        Self.expectError(scheme, problem: "no path")
        // Bytes count, not characters.
        Self.expectError(scheme + String(repeating: "\u{E9}", count: 54), problem: "the path has 108 bytes")
    }

    @Test func anAbstractNameIsNotEmpty() {
        Self.expectError("unix:@", problem: "no path")
        Self.expectError("unix-listen:@", problem: "no path")
    }

    @Test(arguments: [
        ("ws+unix:/s", "/s", "/"), ("ws+unix:/s:/", "/s", "/"), ("ws+unix:/a:b", "/a:b", "/"),
        ("ws+unix:/a:/b:/c", "/a:/b", "/c"), ("ws+unix:@n:/c", "@n", "/c"), ("ws+unix:s:/c/d", "s", "/c/d"),
    ])
    func theURIBehindAUnixSocketBeginsAtTheLastColonAndSlash(text: String, path: String, target: String) throws {
        #expect(try Address(text) == .webSocketOverUnix(path: path, target: target))
    }

    @Test(arguments: ["ws+unix:/s:/a b", "ws+unix:/s:/\u{E9}", "ws+unix:/s:/\r\nHost:x"])
    func refusesURIsThatCanNotBeSent(text: String) {
        Self.expectError(text, problem: "spaces or characters outside ASCII")
    }

    // MARK: Programs

    @Test(arguments: [
        ("nc h 22", ["nc", "h", "22"]), ("  nc \t h  ", ["nc", "h"]), ("a 'b c'", ["a", "b c"]),
        ("a \"b c\"", ["a", "b c"]),
        ("a b\\ c", ["a", "b c"]), ("a ''", ["a", ""]), ("a \"\"", ["a", ""]), ("a b'c d'e", ["a", "bc de"]),
        ("a '\"'", ["a", "\""]), ("a \"'\"", ["a", "'"]), ("a \"\\\"\"", ["a", "\""]), ("a '\\'", ["a", "\\"]),
        ("a \"x\\.y\\$\\`\"", ["a", "x\\.y$`"]), ("a \\\\", ["a", "\\"]), ("a $HOME *", ["a", "$HOME", "*"]),
        ("a:b c:d", ["a:b", "c:d"]),
        ("a \\'b", ["a", "'b"]), ("'my prog' x", ["my prog", "x"]),
    ])
    func splitsAProgramFromItsArgumentsAsAShellDoes(text: String, words: [String]) throws {
        #expect(try Address("exec:\(text)") == .exec(program: words[0], arguments: Array(words.dropFirst())))
    }

    @Test(arguments: [
        ("exec:", "no program"), ("exec:  ", "no program"), ("exec:a 'b", "a ' is not closed"),
        ("exec:a \"b", "a \" is not closed"), ("exec:a \\", "a \\ at the end"), ("exec:a \"b\\", "a \\ at the end"),
        ("sh:", "no command"),
    ])
    func namesThePartOfAProgramThatIsWrong(text: String, problem: String) {
        Self.expectError(text, problem: problem)
    }

    @Test func aDescriptionHasNoArgumentsOfAProgram() throws {
        #expect("\(try Address("exec:curl -u user:secret"))" == "exec:curl")
    }

    // MARK: Properties

    @Test(arguments: [
        ("-", "stdio"), ("ws://h:80/a", "ws://h/a"), ("ws://h:81", "ws://h:81/"),
        ("wss://[::1]:444/", "wss://[::1]:444/"),
        ("ws-listen:8080", "ws://127.0.0.1:8080/"), ("wss-listen:[::]:1/x", "wss://[::]:1/x"), ("tcp:h:1", "tcp:h:1"),
        ("tcp-listen:1", "tcp:127.0.0.1:1"), ("tcp:[::1]:1", "tcp:[::1]:1"), ("unix:/s", "unix:/s"),
        ("unix-listen:@s", "unix:@s"), ("ws+unix:/s:/a", "ws+unix:/s:/a"), ("ws-unix-listen:/s", "ws+unix:/s"),
        ("ws-unix-listen:/a:/b", "ws+unix:/a:/b:/"), ("ws-unix-listen:/a/:b:", "ws+unix:/a/:b:"),
        ("echo:", "echo:"), ("discard:", "discard:"),
    ])
    func isDescribedByWhatAUserWouldConnectTo(text: String, description: String) throws {
        #expect("\(try Address(text))" == description)
    }

    @Test func nothingTrapsAndEveryErrorIsOneLine() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            let text = Self.mutated(using: &generator)
            do throws(AddressError) {
                _ = "\(try Address(text))"
            } catch {
                #expect(!error.problem.isEmpty && !error.expected.isEmpty)
                #expect(!"\(error)".unicodeScalars.contains { $0.value < 0x20 }, "\(text.debugDescription)")
            }
        }
    }

    // MARK: Parts

    private static let seeds = [
        "-", "ws://u:p%40@h:80/a?b#c", "wss://[::1]:443/", "ws-listen:127.0.0.1:0/x", "ws+unix:/s:/a", "tcp:h:22",
        "tcp-listen:[::]:0", "unix:@n", "abstract-l:n", "exec:a 'b \"c\\'' d", "sh:x", "echo:", "stdio:",
    ]
    private static let pieces = [
        ":", "/", "//", "@", "%", "%4", "%zz", "[", "]", "?", "#", " ", "'", "\"", "\\", "0", "65536", "\u{E9}",
        "\u{0}",
        "\n", "\u{1F468}\u{200D}\u{1F469}", "e\u{301}", "\r\n", "-", "+", "ws", "\u{301}",
    ]

    /// An address with some places cut, doubled or filled with other pieces.
    private static func mutated(using generator: inout SeededGenerator) -> String {
        var text = Array((Self.seeds.randomElement(using: &generator) ?? "").unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0...text.count, using: &generator)
            if Bool.random(using: &generator) {
                let end = Int.random(in: place...text.count, using: &generator)
                text.removeSubrange(place..<min(end, place + 3))
            } else {
                text.insert(contentsOf: (Self.pieces.randomElement(using: &generator) ?? "").unicodeScalars, at: place)
            }
        }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: text)
        return String(result)
    }

    private static func url(_ host: String, _ port: Int, _ target: String, isSecure: Bool = false) -> WebSocketURL {
        WebSocketURL(isSecure: isSecure, hostAndPort: HostAndPort(host, port), target: target)
    }

    private static func url(of text: String) throws -> WebSocketURL {
        guard case .webSocket(let url) = try Address(text) else {
            throw AddressError(address: text, problem: "no URL", expected: "")
        }
        return url
    }

    private static func error(_ text: String) -> String? {
        do throws(AddressError) {
            _ = try Address(text)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func expectError(_ text: String, problem: String, sourceLocation: SourceLocation = #_sourceLocation)
    {
        let error = Self.error(text)
        #expect(error?.contains(problem) == true, "\(error ?? "no error")", sourceLocation: sourceLocation)
    }
}
