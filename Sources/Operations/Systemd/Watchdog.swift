// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How often the service manager wants to hear that the service is alive: sd_watchdog_enabled(3).
public struct Watchdog: Equatable, Sendable {
    /// Half of the time after which the manager would give the service up.
    public let interval: Duration

    /// - Parameters:
    ///   - microseconds: `WATCHDOG_USEC`.
    ///   - pid: `WATCHDOG_PID`: whom it is meant for; `nil` means everybody.
    ///   - own: our process's number.
    /// - Returns: `nil` when it is not for us.
    init?(microseconds: String?, pid: String?, own: pid_t) {
        guard let microseconds = microseconds.flatMap(UInt64.init), microseconds > 0,
            pid.map({ pid_t($0) == own }) ?? true
        else { return nil }
        self.interval = .microseconds(microseconds / 2)
    }

    /// Takes the variables out of the environment. Call it before there are other threads.
    public static func takeFromEnvironment() -> Watchdog? {
        defer {
            unsetenv("WATCHDOG_USEC")
            unsetenv("WATCHDOG_PID")
        }
        return Watchdog(
            microseconds: getenv("WATCHDOG_USEC").map { String(cString: $0) },
            pid: getenv("WATCHDOG_PID").map { String(cString: $0) },
            own: getpid()
        )
    }
}
