// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import NIOCore
import NIOPosix
import Testing

@testable import Endpoints

@Suite("Names, and the time that looking them up may take")
struct NameResolverTests {
    private let threads = NIOThreadPool(numberOfThreads: 1)

    private func resolver(known: [IPAddress]? = nil, family: AddressFamily = .any) -> NameResolver {
        NameResolver(
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            threads: self.threads,
            family: family,
            known: known
        )
    }

    @Test(arguments: [(nil, "--connect-timeout"), (.milliseconds(20), "--name-timeout")] as [(Duration?, String)])
    func aResolverThatHangsIsNotWaitedFor(name: Duration?, option: String) async throws {
        self.threads.start()
        let hang = DispatchSemaphore(value: 0)
        self.threads.submit { _ in hang.wait() }
        var limits = OpeningLimits()
        limits.whole = .milliseconds(name == nil ? 20 : 30_000)
        limits.name = name
        do {
            try await self.resolver().look(up: HostAndPort("localhost", 80), OpeningClock(limits))
            Issue.record("found by a resolver that hangs")
        } catch let error as EndpointError {
            #expect(
                "\(error)" == "timed out: the name was not found within 20ms (check the resolver, or raise \(option))"
            )
        }
        hang.signal()
        try await self.threads.shutdownGracefully()
    }

    @Test func addressesOfTheWantedFamilyOnly() async throws {
        let known = ["::1", "127.0.0.1"].compactMap { IPAddress($0[...]) }
        // Other tests may keep all cores busy for a while.
        var limits = OpeningLimits()
        limits.whole = .seconds(3600)
        let clock = OpeningClock(limits)
        let host = HostAndPort("gw.example", 80)
        #expect(
            try await self.resolver(known: known).look(up: host, clock).compactMap(\.ipAddress) == ["::1", "127.0.0.1"]
        )
        #expect(try await self.resolver(known: known, family: .ipv4).address(of: host, clock).host == "127.0.0.1")
        let none = self.resolver(known: Array(known.prefix(1)), family: .ipv4)
        await #expect(throws: EndpointError.self) { try await none.address(of: host, clock) }
    }
}
