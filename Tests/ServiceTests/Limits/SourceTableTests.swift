// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import Testing

@testable import Service

@Suite("What each source has")
struct SourceTableTests {
    private let start = ContinuousClock.now

    private func source(_ text: String) throws -> SourceKey { SourceKey(try #require(IPAddress(text))) }

    @Test
    func linksOfASourceAreCounted() throws {
        var table = SourceTable(at: self.start)
        let (one, two) = (try self.source("192.0.2.1"), try self.source("192.0.2.2"))
        let place = SourceTable.Place.own(one)
        #expect(table.enter(one, maxLinks: 2, rate: 0, at: self.start) == .entered(place))
        #expect(table.enter(one, maxLinks: 2, rate: 0, at: self.start) == .entered(place))
        #expect(table.enter(one, maxLinks: 2, rate: 0, at: self.start) == .tooMany)
        #expect(table.enter(two, maxLinks: 2, rate: 0, at: self.start) == .entered(.own(two)))
        table.leave(place)
        #expect(table.enter(one, maxLinks: 2, rate: 0, at: self.start) == .entered(place))
        #expect(table.enter(one, maxLinks: 0, rate: 0, at: self.start) == .entered(place))
    }

    @Test
    func requestsOfASourceAreCountedByTheSecond() throws {
        var table = SourceTable(at: self.start)
        let source = try self.source("192.0.2.1")
        for _ in 0..<4 { #expect(table.enter(source, maxLinks: 0, rate: 4, at: self.start) == .entered(.own(source))) }
        #expect(table.enter(source, maxLinks: 0, rate: 4, at: self.start) == .tooFast(wait: .milliseconds(250)))
        let soon = self.start + .milliseconds(249)
        #expect(table.enter(source, maxLinks: 0, rate: 4, at: soon) == .tooFast(wait: .milliseconds(1)))
        let later = self.start + .milliseconds(250)
        #expect(table.enter(source, maxLinks: 0, rate: 4, at: later) == .entered(.own(source)))
        #expect(table.enter(source, maxLinks: 0, rate: 4, at: later) == .tooFast(wait: .milliseconds(250)))
    }

    @Test
    func allAddressesOfOneNetworkOf64BitsAreOneSource() throws {
        #expect(try self.source("2001:db8::1") == self.source("2001:db8::ffff:1"))
        #expect(try self.source("2001:db8::1") != self.source("2001:db8:0:1::1"))
        #expect(try self.source("192.0.2.1") != self.source("192.0.2.2"))
        #expect(try self.source("192.0.2.1") == self.source("::ffff:192.0.2.1"))
    }

    @Test
    func theTableStaysWithinItsBound() throws {
        var table = SourceTable(capacity: 2, at: self.start)
        let sources = try (1...4).map { try self.source("192.0.2.\($0)") }
        #expect(table.enter(sources[0], maxLinks: 1, rate: 0, at: self.start) == .entered(.own(sources[0])))
        #expect(table.enter(sources[1], maxLinks: 1, rate: 0, at: self.start) == .entered(.own(sources[1])))
        // No room: the others share one entry, and its limit.
        #expect(table.enter(sources[2], maxLinks: 1, rate: 0, at: self.start) == .entered(.rest))
        #expect(table.enter(sources[3], maxLinks: 1, rate: 0, at: self.start) == .tooMany)
        #expect(table.count == 2)
        table.leave(.rest)
        #expect(table.enter(sources[3], maxLinks: 1, rate: 0, at: self.start) == .entered(.rest))
        // One that has nothing any more makes room.
        table.leave(.own(sources[0]))
        let later = self.start + .seconds(2)
        #expect(table.enter(sources[2], maxLinks: 1, rate: 0, at: later) == .entered(.own(sources[2])))
        #expect(table.count == 2)
    }
}
