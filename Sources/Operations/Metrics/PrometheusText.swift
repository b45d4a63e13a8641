// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Metrics in Prometheus' text format, version 0.0.4: each family once, with help and type, then its samples.
public struct PrometheusText {
    /// What a family's numbers mean.
    public enum Kind: String {
        /// Grows, until a restart.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts by bounds.
        case histogram
    }

    /// Names and values, in order.
    public typealias Labels = [(name: String, value: String)]

    /// What has been written so far.
    public private(set) var text = ""
    private var family = ""

    /// What `Content-Type` says of it.
    public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// Nothing yet.
    public init() {}

    /// Begins a family; the samples that follow belong to it.
    public mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        self.family = name
        self.text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// A sample of the family that was begun last.
    public mutating func add(_ value: UInt64, _ labels: Labels = []) {
        self.line("", labels, "\(value)")
    }

    /// A sample of the family that was begun last.
    public mutating func add(_ value: Double, _ labels: Labels = []) {
        self.line("", labels, Self.number(value))
    }

    /// All samples of a histogram, of the family that was begun last.
    public mutating func add(_ histogram: Histogram, _ labels: Labels = []) {
        let counts = histogram.cumulativeCounts
        for (bound, count) in zip(histogram.bounds + [.infinity], counts) {
            self.line("_bucket", labels + [("le", Self.number(bound))], "\(count)")
        }
        self.line("_sum", labels, Self.number(histogram.sum))
        self.line("_count", labels, "\(counts.last ?? 0)")
    }

    private mutating func line(_ suffix: String, _ labels: Labels, _ value: String) {
        let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
        let braces = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
        self.text += "\(self.family)\(suffix)\(braces) \(value)\n"
    }

    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        return "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
