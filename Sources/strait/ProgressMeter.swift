// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOConcurrencyHelpers
import NIOCore
import RelayCore

/// `--progress`: bytes, rate and time each way on standard error, of all links together. On a terminal one line that is
/// written again and again, else a line now and then.
struct ProgressMeter: Sendable {
    private let links: OpenLinks
    private let isTerminal: Bool
    private let start = NIODeadline.now()

    private static let interval = (onTerminal: Duration.seconds(1), inFile: Duration.seconds(10))

    init(_ links: OpenLinks) {
        self.links = links
        self.isTerminal = isatty(STDERR_FILENO) == 1
    }

    /// Until its task is cancelled.
    func run() async {
        var line = ProgressLine()
        var last = self.start
        while (try? await Task.sleep(for: self.isTerminal ? Self.interval.onTerminal : Self.interval.inFile)) != nil {
            let now = NIODeadline.now()
            let counters = await self.links.counters()
            self.show(line.next(counters, over: Duration(now - last), elapsed: self.start.elapsed))
            last = now
        }
    }

    /// The last line: all bytes, at their mean rate.
    func finish() async {
        var line = ProgressLine()
        let elapsed = self.start.elapsed
        self.show(line.next(await self.links.counters(), over: elapsed, elapsed: elapsed))
        StderrLog.endStatus()
    }

    private func show(_ text: String) {
        if self.isTerminal {
            StderrLog.writeStatus(text)
        } else {
            StderrLog.write("strait: \(text)\n")
        }
    }
}
