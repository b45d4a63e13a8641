// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Tells the service manager how the service is: sd_notify(3), without libsystemd.
///
/// Sending never blocks, and a manager that does not listen is no failure: a service runs as well without.
public final class SystemdNotifier: Sendable {
    private let socket: CInt
    private let address: UnixAddress

    /// - Parameter path: `NOTIFY_SOCKET`: a socket's path, or `@` and an abstract name.
    /// - Returns: `nil` for anything else, or when there are no descriptors.
    public init?(path: String) {
        guard let address = UnixAddress(path) else { return nil }
        let socket = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return nil }
        self.socket = socket
        self.address = address
    }

    deinit {
        close(self.socket)
    }

    /// Takes the variable out of the environment, so that no child speaks in our name.
    ///
    /// Call it before there are other threads.
    ///
    /// - Returns: `nil` without a manager that wants to be told.
    public static func takeFromEnvironment() -> SystemdNotifier? {
        guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }) else { return nil }
        unsetenv("NOTIFY_SOCKET")
        return SystemdNotifier(path: path)
    }

    /// Sends messages together.
    public func send(_ messages: SystemdMessage...) {
        let text = messages.map(\.text).joined(separator: "\n")
        Array(text.utf8).withUnsafeBytes { bytes in
            self.address.withPointer { address, length in
                _ = sendto(
                    self.socket,
                    bytes.baseAddress,
                    bytes.count,
                    CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL),
                    address,
                    length
                )
            }
        }
    }

    /// CLOCK_MONOTONIC now, in microseconds.
    public static var monotonicMicroseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(clamping: time.tv_sec) &* 1_000_000 &+ UInt64(clamping: time.tv_nsec / 1000)
    }
}
