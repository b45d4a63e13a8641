// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Proxies, as curl spells them")
struct ProxyTests {
    @Test(
        arguments: [
            ("h", .http, HostAndPort("h", 1080)), ("h:3128", .http, HostAndPort("h", 3128)),
            ("http://h", .http, HostAndPort("h", 1080)), ("https://h", .https, HostAndPort("h", 443)),
            ("socks5://h", .socks5, HostAndPort("h", 1080)), ("SOCKS5H://h:9", .socks5h, HostAndPort("h", 9)),
            ("http://h:3128/", .http, HostAndPort("h", 3128)), ("h:3128/path?x#y", .http, HostAndPort("h", 3128)),
            ("[::1]:8", .http, HostAndPort("::1", 8)), ("http://[::1]", .http, HostAndPort("::1", 1080)),
            ("user:p%40ss@h", .http, HostAndPort("h", 1080)), ("u:a@b@h:1", .http, HostAndPort("h", 1)),
        ] as [(String, Proxy.Scheme, HostAndPort)]
    )
    func isRead(text: String, scheme: Proxy.Scheme, host: HostAndPort) throws {
        let proxy = try Proxy(text)
        #expect(proxy.scheme == scheme)
        #expect(proxy.hostAndPort == host)
    }

    @Test(arguments: [
        ("user:pass@h", "user", "pass"), ("user@h", "user", ""), ("a%3Ab:c%40d@h", "a:b", "c@d"),
        ("u:p:q@h", "u", "p:q"), ("u:%zz%4@h", "u", "%zz%4"), ("u:%+1@h", "u", "%+1"), ("u:p@q@h", "u", "p@q"),
    ])
    func credentialsAreDecodedAsCurlDoes(text: String, user: String, password: String) throws {
        #expect(try Proxy(text).credentials == ProxyCredentials(user: user, password: password))
    }

    @Test(arguments: ["http://user:secret@h:1", "socks5h://user:secret@[::1]:1"])
    func neverShowsCredentials(text: String) throws {
        let proxy = try Proxy(text)
        #expect("\(proxy)" == text.replacing("user:secret@", with: ""))
    }

    @Test(arguments: [
        ("", "host"), ("http://", "host"), (":1", "host"), ("h:0", "port"), ("h:65536", "65536"),
        ("ftp://h", "no such kind"), ("socks4://h", "SOCKS 4"), ("socks4a://h", "SOCKS 4"), ("socks://h", "SOCKS 4"),
        ("[::1", "]"), ("::1", "["),
    ])
    func saysWhatIsWrong(text: String, part: String) {
        let error = #expect(throws: AddressError.self) { try Proxy(text) }
        #expect(error.map { "\($0)" }?.contains(part) == true)
    }

    @Test(arguments: ["http://user:secret@:1", "ftp://user:secret@h", "user:secret@h:x", "://user:secret@[h"])
    func whatIsWrongIsSaidWithoutCredentials(text: String) {
        let error = #expect(throws: AddressError.self) { try Proxy(text) }
        #expect(error.map { "\($0)" }?.contains("secret") == false)
    }

    @Test func longestCredentialsOfSOCKS() {
        let credentials = { ProxyCredentials(user: $0, password: $1) }
        let proxy = { Proxy(.socks5, HostAndPort("h", 1), credentials: credentials($0, $1)) }
        let long = String(repeating: "x", count: 255)
        #expect(proxy(long, long).credentialsProblem == nil)
        #expect(proxy("u", "").credentialsProblem == nil)
        #expect(proxy("", "p").credentialsProblem != nil)
        #expect(proxy(long + "x", "p").credentialsProblem != nil)
        #expect(proxy("u", long + "x").credentialsProblem != nil)
    }

    @Test func basicCanNotSayAColonInTheName() {
        let proxy = { Proxy(.http, HostAndPort("h", 1), credentials: ProxyCredentials(user: $0, password: $1)) }
        #expect(proxy("a:b", "c").credentialsProblem != nil)
        #expect(proxy("a", "b:c").credentialsProblem == nil)
        #expect(proxy("a", "b:c").credentials?.basic == "Basic YTpiOmM=")
    }
}
