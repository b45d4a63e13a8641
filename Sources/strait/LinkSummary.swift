// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import RelayCore

/// What a link has carried, for a line of the log.
struct LinkSummary: CustomStringConvertible {
    private let life: Duration
    private let counters: LinkCounters
    private let frames: [(side: Side, frames: FrameStatistics)]
    private let firstToEnd: Side?

    /// Call it on the link's executor.
    init(_ link: Link, life: Duration) {
        let frames = Side.allCases.compactMap { side in link.frames(of: side).map { (side, $0) } }
        self.init(life: life, link.counters, frames, firstToEnd: link.firstEnd)
    }

    init(life: Duration, _ counters: LinkCounters, _ frames: [(Side, FrameStatistics)], firstToEnd: Side?) {
        self.life = life
        self.counters = counters
        self.frames = frames.map { (side: $0.0, frames: $0.1) }
        self.firstToEnd = firstToEnd
    }

    var description: String {
        var text = self.life.measuredDescription
        text += ": \(self.counters.bytesToRemote) bytes to REMOTE, \(self.counters.bytesToLocal) bytes to LOCAL"
        for (side, frames) in self.frames {
            let name = Self.name(of: side)
            text += "; \(name): \(frames.sent) frames sent, \(frames.received) received"
            if let goodbye = frames.goodbye { text += ", Close \(goodbye.printable)" }
        }
        if let firstToEnd { text += "; \(Self.name(of: firstToEnd)) ended first" }
        return text
    }

    private static func name(of side: Side) -> String {
        switch side {
        case .local: "LOCAL"
        case .remote: "REMOTE"
        }
    }
}
