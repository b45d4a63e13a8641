// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

/// What a request to the monitoring port is answered.
struct MonitorAnswer: Equatable {
    var status: HTTPResponseStatus
    var mediaType = "text/plain; charset=utf-8"
    var body: String
    /// `Allow`, where the method is wrong.
    var allowed: String?

    init(_ status: HTTPResponseStatus, _ body: String, mediaType: String? = nil, allowed: String? = nil) {
        self.status = status
        self.body = body
        if let mediaType { self.mediaType = mediaType }
        self.allowed = allowed
    }

    /// What is asked for.
    enum Question: Equatable {
        /// Does the process still do anything?
        case health
        /// Should it get clients?
        case readiness
        case metrics
    }

    /// - Returns: the question, or the answer where there is none.
    static func question(method: HTTPMethod, target: String) -> Result<Question, Refusal> {
        let path = target.prefix { $0 != "?" }
        let question: Question
        switch path {
        case "/healthz": question = .health
        case "/readyz": question = .readiness
        case "/metrics": question = .metrics
        default: return .failure(Refusal(MonitorAnswer(.notFound, "there are /healthz, /readyz and /metrics\n")))
        }
        guard method == .GET || method == .HEAD else {
            return .failure(Refusal(MonitorAnswer(.methodNotAllowed, "use GET or HEAD\n", allowed: "GET, HEAD")))
        }
        return .success(question)
    }

    /// An answer that needs no look at the service.
    struct Refusal: Error, Equatable {
        let answer: MonitorAnswer

        init(_ answer: MonitorAnswer) {
            self.answer = answer
        }
    }
}
