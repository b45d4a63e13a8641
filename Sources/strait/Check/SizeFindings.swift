// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import RelayCore

/// How large messages may be on a path, as growing ones have shown.
struct SizeFindings: Equatable {
    /// Why a message did not pass.
    enum Refusal: Equatable {
        /// Close 1009: too big.
        case tooBig(String)
        /// The connection was cut.
        case cut(String)
        /// The peer has ended the link in another way: what it serves did not like the bytes.
        case disliked(String)
        /// Nothing happened any more.
        case silence(Duration)

        /// That the message was too large is likely; `passed` is the largest that was not.
        func isLimit(after passed: Int) -> Bool {
            switch self {
            case .tooBig: true
            case .cut: passed > 0
            case .disliked, .silence: false
            }
        }

        /// The peer's words.
        var words: String {
            switch self {
            case .tooBig(let words), .cut(let words), .disliked(let words): words
            case .silence: ""
            }
        }
    }

    /// The largest that passed; zero: none.
    var passed = 0
    /// The smallest that did not.
    var refused: (bytes: Int, why: Refusal)?
    /// All bytes came back.
    var isEchoed = false
    /// No frame of a relay is longer.
    let relayFrame: Int

    static func == (one: Self, other: Self) -> Bool {
        one.passed == other.passed && one.refused?.bytes == other.refused?.bytes
            && one.refused?.why == other.refused?.why && one.isEchoed == other.isEchoed
            && one.relayFrame == other.relayFrame
    }

    func step(time: Duration) -> CheckStep {
        let (result, detail, advice) = self.verdict
        return CheckStep(
            name: .sizes,
            result: result,
            time: time,
            detail: detail,
            advice: advice,
            facts: [
                ("passed", .integer(self.passed)),
                ("refused", self.refused.map { .integer($0.bytes) } ?? .null),
                ("echoed", .bool(self.isEchoed)),
            ]
        )
    }

    private var verdict: (CheckStep.Result, detail: String, advice: String?) {
        let passing = self.passed > 0 ? "messages up to \(self.passed.byteSizeDescription) pass" : "no message passed"
        guard let refused else {
            let how = self.isEchoed ? "and come back" : "a Pong follows each"
            return (.ok, "\(passing), \(how)", nil)
        }
        let size = refused.bytes.byteSizeDescription
        switch refused.why {
        case .tooBig(let why):
            return self.limited("\(passing); one of \(size) is refused: Close \(why)")
        case .cut(let why) where self.passed > 0:
            return self.limited("\(passing); one of \(size) has the connection cut: \(why)")
        case .cut(let why), .disliked(let why):
            return (.unknown, "\(passing); at \(size) the service ended the link: \(why)", Self.otherService)
        case .silence(let time):
            return (
                .unknown, "\(passing); on one of \(size) nothing came for \(time.shortDescription)", Self.otherService
            )
        }
    }

    private func limited(_ detail: String) -> (CheckStep.Result, String, String?) {
        guard self.passed < self.relayFrame else {
            return (.warning, "\(detail); a relay sends \(self.relayFrame.byteSizeDescription) at most", nil)
        }
        guard self.passed >= LinkOptions.leastFrame else { return (.failed, detail, Self.raise) }
        let frame = self.passed.byteSizeDescription
        return (.failed, detail, "\(Self.raise), or have the relay send short ones: --max-frame \(frame)")
    }

    private static let raise = "raise the peer's limit of messages (such as max_size)"
    private static let otherService = "check with an echo service behind the same path, or leave it out: --max-size 0"
}
