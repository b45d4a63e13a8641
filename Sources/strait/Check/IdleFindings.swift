// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import RelayCore

/// What a path makes of silence.
struct IdleFindings: Equatable {
    enum Outcome: Equatable {
        /// A Ping behind the silence was answered.
        case alive
        /// It was cut after so much silence.
        case cut(after: Duration, String)
        /// A Ping behind the silence was not answered.
        case dead
    }

    var outcome: Outcome
    /// How long we said nothing.
    let silence: Duration
    /// Pings that the peer sent meanwhile, each of which is an end of the silence.
    var peerPings = 0
    /// What a relay does about it; zero: nothing.
    let pingInterval: Duration

    func step(time: Duration) -> CheckStep {
        let (result, detail, advice) = self.verdict
        let cutAfter: JSONValue =
            switch self.outcome {
            case .cut(let time, _): .number(time / .seconds(1))
            case .alive, .dead: .null
            }
        return CheckStep(
            name: .idle,
            result: result,
            time: time,
            detail: detail,
            advice: advice,
            facts: [("cut_after_seconds", cutAfter), ("peer_pings", .integer(self.peerPings))]
        )
    }

    private var verdict: (CheckStep.Result, detail: String, advice: String?) {
        let pings = self.peerPings > 0 ? "; the peer sent \(self.peerPings) Pings meanwhile" : ""
        switch self.outcome {
        case .alive:
            return (.ok, "a Ping after \(self.silence.shortDescription) of silence was answered\(pings)", nil)
        case .cut(let time, let why):
            let detail = "cut after \(time.measuredDescription) of silence\(pings): \(why)"
            guard self.isPreventedByPings(within: time) else { return (.failed, detail, Self.advice(limit: time)) }
            let interval = self.pingInterval.shortDescription
            return (.warning, "\(detail); a relay's Pings prevent it, every \(interval)", nil)
        case .dead:
            let detail = "a Ping after \(self.silence.shortDescription) of silence was not answered\(pings)"
            guard self.isPreventedByPings(within: self.silence) else {
                return (.failed, detail, Self.advice(limit: self.silence))
            }
            return (.warning, detail, "find out with a shorter --idle how often the relay must ping: --ping-interval")
        }
    }

    private func isPreventedByPings(within limit: Duration) -> Bool {
        self.pingInterval > .zero && self.pingInterval < limit
    }

    /// Half the limit leaves room for a Ping that is late.
    private static func advice(limit: Duration) -> String {
        let half = limit / 2 + .milliseconds(250)
        let interval = half >= .seconds(1) ? Duration.seconds(half.components.seconds) : .milliseconds(500)
        return "have the relay ping more often: --ping-interval \(interval.shortDescription); or raise the idle limit "
            + "of what stands between (such as proxy_read_timeout, timeout tunnel)"
    }
}
