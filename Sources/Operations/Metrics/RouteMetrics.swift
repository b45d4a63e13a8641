// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import RelayCore

/// What has become of one route's links.
struct RouteMetrics {
    /// How a link ended: few words, since each is a series of its own.
    enum End: String {
        case ended
        /// With Close 1001, as at the end of each ssh session.
        case clientLeft = "client_left"
        case clientFailed = "client_failed"
        case targetFailed = "target_failed"
        case cancelled
        case idle
        case life

        init(_ outcome: LinkOutcome) {
            switch outcome {
            case .ended: self = .ended
            case .failed(.local, WebSocketError.closed(let reason)) where reason.code == .goingAway: self = .clientLeft
            case .failed(.local, _): self = .clientFailed
            case .failed(.remote, _): self = .targetFailed
            case .cancelled: self = .cancelled
            case .expired(.idle): self = .idle
            case .expired(.life): self = .life
            }
        }
    }

    /// Why a service could not be reached.
    enum DialFailure: String {
        case name
        case connection
        case timeout
        case exhausted
        case tls
        case handshake
        case program
        case proxy
        case notPermitted = "not_permitted"

        init(_ error: EndpointError) {
            switch error {
            case .nameNotFound: self = .name
            case .connectFailed, .abandoned, .listenFailed: self = .connection
            case .timedOut: self = .timeout
            case .exhausted: self = .exhausted
            case .tls: self = .tls
            case .refused, .redirect, .handshake, .notHTTP, .headTooLarge, .closedDuringHandshake: self = .handshake
            case .redirected(_, let error), .proxy(_, let error): self.init(error)
            case .unusableProxy, .proxyRefused, .socks: self = .proxy
            case .programFailed: self = .program
            case .notPermitted: self = .notPermitted
            }
        }
    }

    private(set) var opened: UInt64 = 0
    private(set) var ended: [End: UInt64] = [:]
    private(set) var dialFailures: [DialFailure: UInt64] = [:]
    let dialTimes = Histogram(bounds: Histogram.dialBounds)
    let lives = Histogram(bounds: Histogram.lifeBounds)

    var openCount: UInt64 { self.opened - min(self.opened, self.ended.values.reduce(0, +)) }

    mutating func open(after dialTime: Duration) {
        self.opened += 1
        self.dialTimes.record(dialTime)
    }

    mutating func end(_ outcome: LinkOutcome, after life: Duration) {
        self.ended[End(outcome), default: 0] += 1
        self.lives.record(life)
    }

    mutating func failDial(_ error: EndpointError) {
        self.dialFailures[DialFailure(error), default: 0] += 1
    }
}

extension EndpointError {
    /// What the client was answered (see `WebSocketAcceptance`).
    var httpStatus: Int {
        switch self {
        case .timedOut: 504
        case .exhausted: 503
        case .redirected(_, let error), .proxy(_, let error): error.httpStatus
        case .nameNotFound, .connectFailed, .abandoned, .listenFailed, .tls, .refused, .redirect, .handshake, .notHTTP,
            .headTooLarge, .closedDuringHandshake, .unusableProxy, .proxyRefused, .socks, .programFailed, .notPermitted:
            502
        }
    }
}
