// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import Testing

@testable import Service

@Suite("Targets of routes")
struct RouteTargetTests {
    private static func address(_ text: String, _ values: [String: String]) throws -> String? {
        try RouteTarget(text, names: Set(values.keys)).address(values).map { "\($0)" }
    }

    @Test(arguments: [
        ("tcp:127.0.0.1:22", RouteTarget.Origin.configuration), ("unix:/run/s", .configuration),
        ("echo:", .configuration),
        ("ws://h/{a}", .configuration), ("ws+unix:/s:/{a}", .configuration), ("exec:cat {a}", .configuration),
        ("sh:awk '{print}'", .configuration), ("tcp:{a}:22", .request), ("tcp:h:{a}", .request),
        ("tcp:db-{a}.local:1", .request),
        ("wss://{a}/x", .request), ("ws://h:{a}/x", .request), ("unix:/run/{a}", .request),
        ("ws+unix:/{a}:/", .request),
    ])
    func aRuleIsNeededWhereTheRequestChoosesTheOtherEnd(text: String, origin: RouteTarget.Origin) throws {
        #expect(try RouteTarget(text, names: ["a"]).origin == origin)
    }

    @Test
    func placeholdersArePutIn() throws {
        #expect(try Self.address("tcp:{h}:{p}", ["h": "db.local", "p": "22"]) == "tcp:db.local:22")
        #expect(try Self.address("tcp:{h}:{p}", ["h": "fd00::1", "p": "22"]) == "tcp:[fd00::1]:22")
        #expect(try Self.address("wss://{h}/x", ["h": "::1"]) == "wss://[::1]/x")
        #expect(try Self.address("unix:/run/{n}/s", ["n": "a.b"]) == "unix:/run/a.b/s")
        #expect(
            try RouteTarget("exec:cat {n}", names: ["n"]).address(["n": "x_1"])
                == .exec(program: "cat", arguments: ["x_1"])
        )
        #expect(try Self.address("tcp:h:1", ["unused": "../.."]) == "tcp:h:1")
    }

    @Test(arguments: [
        "", "..", ".x", "-x", "a b", "a/b", "a:22", "a@b", "a%b", "a\\b", "a\"b", "a'b", "a?b", "a#b", "{n}", "é",
        "[::1]",
        "::1%eth0", String(repeating: "a", count: 254), "a\n",
    ])
    func whatCouldReachBeyondItsPlaceIsRefused(value: String) throws {
        for text in ["tcp:{n}:22", "tcp:h:{n}", "unix:/run/{n}", "exec:cat {n}", "ws://h/{n}", "ws://{n}/"] {
            #expect(try Self.address(text, ["n": value]) == nil)
        }
    }

    @Test
    func anIPv6AddressIsOneOnlyWhereAHostStands() throws {
        #expect(try Self.address("unix:/run/{n}", ["n": "::1"]) == nil)
        #expect(try Self.address("tcp:x{n}:22", ["n": "::1"]) == nil)
    }

    @Test(arguments: ["0", "65536", "22a", "099999"])
    func aPortThatIsNoneIsRefused(port: String) throws {
        #expect(try Self.address("tcp:h:{p}", ["p": port]) == nil)
    }

    @Test(arguments: [
        "tcp-listen:1", "ws-listen:1", "unix-listen:/s", "ws-unix-listen:/s", "-", "stdio:", "exec:{a} x",
        "sh:echo {a}",
        "{a}:h:1", "tcp:h", "x:y", "ws://u:p@{a}/",
    ])
    func whatNoRouteMayLeadToIsRefused(text: String) {
        #expect(throws: ValueError.self) { try RouteTarget(text, names: ["a"]) }
    }

    @Test
    func aPasswordIsNotRepeatedInAnError() {
        let error = #expect(throws: ValueError.self) { try RouteTarget("ws://u:hunter2@h:x/", names: []) }
        #expect(error.map { "\($0)".contains("hunter2") } == false)
    }
}
