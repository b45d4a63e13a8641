// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What a service tells its manager: sd_notify(3).
public enum SystemdMessage: Equatable, Sendable {
    /// It listens, also again after a reload.
    case ready
    /// It reads its configuration again. `microseconds`: CLOCK_MONOTONIC now.
    case reloading(microseconds: UInt64)
    /// It takes no more, and ends when its links have.
    case stopping
    /// It is alive.
    case watchdog
    /// A line for `systemctl status`.
    case status(String)

    /// As it is sent.
    var text: String {
        switch self {
        case .ready: "READY=1"
        case .reloading(let microseconds): "RELOADING=1\nMONOTONIC_USEC=\(microseconds)"
        case .stopping: "STOPPING=1"
        case .watchdog: "WATCHDOG=1"
        // A line break would begin another assignment.
        case .status(let text): "STATUS=" + String(text.map { $0.isNewline ? " " : $0 })
        }
    }
}
