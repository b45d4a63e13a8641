// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import RelayCore

/// Bytes, rate and time each way, as `--progress` shows them.
struct ProgressLine {
    private var last = LinkCounters()

    /// - Parameters:
    ///   - time: since the last line.
    ///   - elapsed: since the start.
    mutating func next(_ counters: LinkCounters, over time: Duration, elapsed: Duration) -> String {
        defer { self.last = counters }
        let toRemote = Self.flow(counters.bytesToRemote, self.last.bytesToRemote, time)
        let toLocal = Self.flow(counters.bytesToLocal, self.last.bytesToLocal, time)
        return "to REMOTE \(toRemote), to LOCAL \(toLocal), \(Self.clock(elapsed))"
    }

    private static func flow(_ bytes: UInt64, _ last: UInt64, _ time: Duration) -> String {
        let seconds = time / .seconds(1)
        let rate = seconds > 0 ? Double(bytes &- last) / seconds : 0
        return "\(self.size(Double(bytes))) at \(self.size(rate))/s"
    }

    /// With a unit that leaves at most four digits before the point: `512 B`, `1.4 MiB`.
    static func size(_ bytes: Double) -> String {
        var rest = bytes
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if rest < 1024 { return "\(self.short(rest, isWhole: unit == "B")) \(unit)" }
            rest /= 1024
        }
        return "\(self.short(rest, isWhole: false)) TiB"
    }

    private static func short(_ number: Double, isWhole: Bool) -> String {
        guard !isWhole, number < 100 else { return "\(UInt64(number))" }
        let tenths = UInt64(number * 10)
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// `0:07`, `12:34`, `1:00:00`.
    static func clock(_ time: Duration) -> String {
        let seconds = time.components.seconds
        let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60]
        let shown = parts[0] == 0 ? parts.dropFirst() : parts[...]
        return shown.enumerated()
            .map { $0.offset > 0 && $0.element < 10 ? "0\($0.element)" : "\($0.element)" }
            .joined(separator: ":")
    }
}
