// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Logging

/// Log lines on stderr: `strait: ` and the message.
struct StderrLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    /// - Parameter verbosity: 0 for failures and listeners, 1 for steps, 2 for frames.
    static func install(silent: Bool, verbosity: Int) {
        let level: Logger.Level =
            switch verbosity {
            case _ where silent: .critical
            case 0: .notice
            case 1: .debug
            default: .trace
            }
        LoggingSystem.bootstrap { _ in StderrLog(logLevel: level) }
    }

    func log(event: LogEvent) {
        Self.write("strait: \(event.message)\n")
    }

    /// A failing stderr (closed, full disk) does no harm. It may be non-blocking: it is often the terminal of stdin.
    static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno == EAGAIN {
                var waiting = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
                guard poll(&waiting, 1, Self.patience) > 0 else { return }
            } else if count == 0 || errno != EINTR {
                return
            }
        }
    }

    /// How long a log line may wait for a reader, in milliseconds.
    private static let patience: CInt = 100
}
