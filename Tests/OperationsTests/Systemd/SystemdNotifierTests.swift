// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Operations

@Suite("Telling the service manager")
struct SystemdNotifierTests {
    /// A manager's socket.
    private final class Manager {
        let socket = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        let path: String

        init(_ path: String) throws {
            self.path = path
            let address = try #require(UnixAddress(path))
            #expect(address.withPointer { bind(self.socket, $0, $1) } == 0)
        }

        deinit {
            close(self.socket)
            unlink(self.path)
        }

        func receive() -> String? {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(self.socket, &bytes, bytes.count, CInt(MSG_DONTWAIT))
            return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }

    @Test(arguments: ["/tmp/strait-notify-", "@strait-notify-"])
    func messagesArriveTogether(prefix: String) throws {
        let manager = try Manager("\(prefix)\(getpid())")
        let notifier = try #require(SystemdNotifier(path: manager.path))
        notifier.send(.ready, .status("2 links\nREADY=0"))
        #expect(manager.receive() == "READY=1\nSTATUS=2 links READY=0")
        notifier.send(.reloading(microseconds: 12))
        #expect(manager.receive() == "RELOADING=1\nMONOTONIC_USEC=12")
        notifier.send(.stopping)
        notifier.send(.watchdog)
        #expect(manager.receive() == "STOPPING=1")
        #expect(manager.receive() == "WATCHDOG=1")
        #expect(manager.receive() == nil)
    }

    @Test
    func aManagerThatIsGoneIsNoFailure() throws {
        let path = "/tmp/strait-notify-gone-\(getpid())"
        let notifier = try #require(SystemdNotifier(path: path))
        notifier.send(.ready)
        let manager = try Manager(path)
        notifier.send(.watchdog)
        #expect(manager.receive() == "WATCHDOG=1")
    }

    @Test(arguments: ["", "@", "/", "relative", "vsock:2:1234", "/" + String(repeating: "x", count: 108), "/a\u{0}b"])
    func anAddressThatIsNoneIsRefused(path: String) {
        #expect(SystemdNotifier(path: path) == nil)
    }

    @Test
    func theMonotonicClockGoesOn() {
        let first = SystemdNotifier.monotonicMicroseconds
        #expect(first > 0)
        #expect(SystemdNotifier.monotonicMicroseconds >= first)
    }

    @Test
    func theWatchdogIsToldInHalfItsTime() {
        #expect(Watchdog(microseconds: "30000000", pid: "7", own: 7)?.interval == .seconds(15))
        #expect(Watchdog(microseconds: "30000000", pid: nil, own: 7)?.interval == .seconds(15))
        #expect(Watchdog(microseconds: "30000000", pid: "8", own: 7) == nil)
        #expect(Watchdog(microseconds: nil, pid: "7", own: 7) == nil)
        #expect(Watchdog(microseconds: "0", pid: "7", own: 7) == nil)
        #expect(Watchdog(microseconds: "-1", pid: "7", own: 7) == nil)
    }
}
