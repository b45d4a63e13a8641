// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("Hosts without a proxy, as curl's --noproxy has it")
struct NoProxyListTests {
    @Test(arguments: [
        ("local.com", "local.com", true), ("local.com", "www.local.com", true), ("local.com", "LOCAL.COM", true),
        ("Local.COM", "www.local.com", true), ("local.com", "notlocal.com", false), ("local.com", "com", false),
        ("www.local.com", "local.com", false), (".local.com", "local.com", true), (".local.com", "a.local.com", true),
        ("local.com.", "local.com", true), ("local.com", "local.com.", true), ("local.com", "local.com.evil", false),
        ("*", "any.host", true), ("*", "10.0.0.1", true), ("*.com", "local.com", false), ("", "local.com", false),
        (".", "local.com", false), ("local.com", "", false), ("*", "", false), ("a,*", "local.com", false),
    ])
    func names(list: String, host: String, isListed: Bool) {
        #expect(NoProxyList(list).contains(host) == isListed)
    }

    @Test(arguments: ["a.example,b.example", "a.example, b.example", ",a.example,,b.example,", "a.example b.example\t"])
    func entriesStandBetweenCommasOrBlanks(list: String) {
        #expect(NoProxyList(list).contains("a.example"))
        #expect(NoProxyList(list).contains("b.example"))
        #expect(!NoProxyList(list).contains("c.example"))
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false), ("10.0.0.0/8", "10.255.0.1", true),
        ("10.0.0.0/8", "11.0.0.0", false), ("10.1.2.3/8", "10.255.0.1", true), ("10.0.0.0/31", "10.0.0.1", true),
        ("10.0.0.0/31", "10.0.0.2", false), ("10.0.0.0/32", "10.0.0.1", false), ("10.0.0.0/32", "10.0.0.0", true),
        ("10.0.0.0/33", "10.0.0.0", false), ("10.0.0.0/0", "10.0.0.0", true), ("0.0.0.0/0", "10.0.0.1", false),
        ("10.0.0.0/", "10.0.0.0", false), ("10.0.0.0/x", "10.0.0.0", false), ("10.0.0.0/-1", "10.0.0.0", false),
        ("10.0.0.0/8/8", "10.0.0.0", false), ("0.0.1", "10.0.0.1", false), (".0.0.1", "10.0.0.1", false),
        ("::1", "::1", true), ("[::1]", "::1", true), ("0:0::1", "::1", true), ("::1", "::2", false),
        ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false), ("fd00::/128", "fd00::", true),
        ("fd00::/129", "fd00::", false), ("fd00::/65", "fd00:0:0:0:7fff::", true),
        ("fd00::/65", "fd00:0:0:0:8000::", false), ("::/8", "10.0.0.1", false), ("10.0.0.0/8", "::a00:1", false),
        ("/8", "10.0.0.1", false), ("[]", "::1", false), ("[", "::1", false),
    ])
    func addressesAndNetworks(list: String, host: String, isListed: Bool) {
        #expect(NoProxyList(list).contains(host) == isListed)
    }
}
