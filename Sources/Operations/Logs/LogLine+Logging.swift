// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import Logging

extension LogLine {
    /// A logger's message with its metadata: the fields that a reader looks for first, then the others by name.
    public init(_ message: Logger.Message, _ metadata: Logger.Metadata) {
        let known = Self.order.filter { metadata[$0] != nil }
        let others = metadata.keys.filter { !Self.order.contains($0) }.sorted()
        self.init("\(message)", fields: (known + others).compactMap { name in metadata[name].map { (name, "\($0)") } })
    }

    private static let order = [
        "id", "source", "route", "target", "user", "status", "links", "bytes_in", "bytes_out", "frames_in",
        "frames_out", "seconds", "ended_by", "reason",
    ]
}
