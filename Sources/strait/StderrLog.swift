// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import Glibc
import Logging
import NIOConcurrencyHelpers
import Operations
import Service
import Synchronization

/// Log lines on stderr: `strait: ` and the message.
struct StderrLog: LogHandler {
    var logLevel: Logger.Level
    /// What is shown; a trace gets more.
    private var shownLevel: Logger.Level
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
        LoggingSystem.bootstrap { _ in
            let hasTrace = Self.trace.withLockedValue { $0 } != nil
            return StderrLog(logLevel: hasTrace ? min(level, .debug) : level, shownLevel: level)
        }
    }

    func log(event: LogEvent) {
        let line = LogLine(event.message, self.metadata.merging(event.metadata ?? [:]) { $1 })
        if event.level >= self.shownLevel {
            let erasure = Self.hasStatusLine.load(ordering: .relaxed) ? Self.erasure : ""
            let isJSON = Self.isJSON.load(ordering: .relaxed)
            Self.write(isJSON ? Self.json(line, event.level) : "\(erasure)strait: \(line.text)\n")
        }
        if event.level >= .debug { Self.trace.withLockedValue { $0 }?.info(line.text) }
    }

    /// From now on.
    static func use(_ format: LogFormat) {
        switch format {
        case .text: Self.isJSON.store(false, ordering: .relaxed)
        case .json: Self.isJSON.store(true, ordering: .relaxed)
        }
    }

    private static let isJSON = Atomic(false)

    private static func json(_ line: LogLine, _ level: Logger.Level) -> String {
        "\(line.json(time: "\(Timestamp.now)", level: level.rawValue))\n"
    }

    /// Steps go to `trace`, too, from loggers that are made from now on.
    static func attach(_ trace: Trace) {
        self.trace.withLockedValue { $0 = trace }
    }

    private static let trace = NIOLockedValueBox<Trace?>(nil)

    /// Writes a line that the next one takes the place of, on a terminal.
    static func writeStatus(_ text: String) {
        self.hasStatusLine.store(true, ordering: .relaxed)
        self.write("\(self.erasure)\(text)")
    }

    /// The status line, if there is one, stays as it is.
    static func endStatus() {
        if self.hasStatusLine.exchange(false, ordering: .relaxed) { self.write("\n") }
    }

    private static let hasStatusLine = Atomic(false)
    /// Back to the beginning of the line, and away with it.
    private static let erasure = "\r\u{1B}[K"

    /// A failing stderr (closed, full disk) or one that nobody reads does no harm: the line is dropped.
    static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            var waiting = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
            // After a line that waited in vain, the next ones do not wait, until there is room again.
            let isReady = poll(&waiting, 1, Self.isStuck.load(ordering: .relaxed) ? 0 : Self.patience) != 0
            Self.isStuck.store(!isReady, ordering: .relaxed)
            guard isReady else { return }
            // No more than a pipe that is ready has room for (pipe(7), PIPE_BUF), so that write does not block.
            let count = rest.prefix(Self.atomicLength).withUnsafeBytes {
                Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
                return
            }
        }
    }

    private static let isStuck = Atomic(false)
    /// How long a log line may wait for a reader, in milliseconds.
    private static let patience: CInt = 100
    private static let atomicLength = 4096
}
