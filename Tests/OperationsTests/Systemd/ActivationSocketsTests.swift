// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Operations

@Suite("Socket activation")
struct ActivationSocketsTests {
    @Test
    func socketsHaveTheirUnitsNames() throws {
        let sockets = try ActivationSockets(pid: "7", count: "3", names: "http:tls:http", own: 7)
        #expect(sockets.named("http") == [3, 5])
        #expect(sockets.named("tls") == [4])
        #expect(sockets.named("other") == [])
    }

    @Test
    func withoutNamesTheyAreUnknown() throws {
        #expect(try ActivationSockets(pid: "7", count: "2", names: nil, own: 7).named("unknown") == [3, 4])
    }

    @Test(arguments: [(nil, "1"), ("7", nil), ("8", "1"), ("x", "1"), ("", "1")] as [(String?, String?)])
    func socketsOfOthersAreLeftAlone(pid: String?, count: String?) throws {
        #expect(try ActivationSockets(pid: pid, count: count, names: nil, own: 7).descriptors.isEmpty)
    }

    @Test(arguments: ["-1", "257", "x", "", "1 ", "99999999999999999999"])
    func aCountThatIsNoneIsRefused(count: String) {
        #expect(throws: ActivationSockets.Failure.self) {
            try ActivationSockets(pid: "7", count: count, names: nil, own: 7)
        }
    }

    @Test(arguments: [("2", "one"), ("1", "one:two"), ("0", "one"), ("1", "a:")])
    func eachSocketNeedsAName(count: String, names: String) {
        #expect(throws: ActivationSockets.Failure.self) {
            try ActivationSockets(pid: "7", count: count, names: names, own: 7)
        }
    }

    @Test
    func noneAtAllIsFine() throws {
        #expect(try ActivationSockets(pid: "7", count: "0", names: "", own: 7).descriptors.isEmpty)
        #expect(try ActivationSockets(pid: "7", count: "256", names: nil, own: 7).descriptors.count == 256)
    }
}
