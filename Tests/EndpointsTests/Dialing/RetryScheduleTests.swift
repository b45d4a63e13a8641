// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints
@testable import TLSEngine

@Suite("When an opening is tried again")
struct RetryScheduleTests {
    private static func settings(_ count: Int, delay: Duration? = nil, maxTime: Duration = .zero) -> RetrySettings {
        var settings = RetrySettings()
        settings.count = count
        settings.delay = delay
        settings.maxTime = maxTime
        return settings
    }

    private static let refused = EndpointError.connectFailed(reason: "refused")

    @Test func asOftenAsAskedFor() {
        var none = RetrySchedule(Self.settings(0))
        #expect(none.pause(after: Self.refused, elapsed: .zero, chance: 0) == nil)
        var twice = RetrySchedule(Self.settings(2))
        #expect(twice.pause(after: Self.refused, elapsed: .zero, chance: 0) != nil)
        #expect(twice.number == 1)
        #expect(twice.pause(after: Self.refused, elapsed: .zero, chance: 0) != nil)
        #expect(twice.number == 2)
        #expect(twice.pause(after: Self.refused, elapsed: .zero, chance: 0) == nil)
        #expect(twice.number == 2)
    }

    @Test(arguments: [(0.0, [1.0, 2, 4, 8, 16, 32, 60, 60, 60]), (1.0, [0.5, 1, 2, 4, 8, 16, 30, 30, 30])])
    func pausesDoubleUpToAMinuteAndChanceTakesUpToHalf(chance: Double, seconds: [Double]) {
        var schedule = RetrySchedule(Self.settings(seconds.count))
        for expected in seconds {
            #expect(schedule.pause(after: Self.refused, elapsed: .zero, chance: chance) == .seconds(expected))
        }
    }

    @Test func manyTriesDoNotOverflow() {
        var schedule = RetrySchedule(Self.settings(1000))
        for _ in 0..<1000 { _ = schedule.pause(after: Self.refused, elapsed: .zero, chance: 0) }
        #expect(schedule.number == 1000)
    }

    @Test func aGivenPauseIsNeitherDoubledNorCut() {
        var schedule = RetrySchedule(Self.settings(3, delay: .milliseconds(70)))
        for _ in 0..<3 {
            #expect(schedule.pause(after: Self.refused, elapsed: .zero, chance: 1) == .milliseconds(70))
        }
    }

    @Test func noTryBeginsAfterTheLimit() {
        var schedule = RetrySchedule(Self.settings(9, delay: .seconds(1), maxTime: .seconds(10)))
        #expect(schedule.pause(after: Self.refused, elapsed: .seconds(9), chance: 0) == .seconds(1))
        #expect(schedule.pause(after: Self.refused, elapsed: .milliseconds(9001), chance: 0) == nil)
    }

    private static func unavailable(_ retryAfter: Duration?) -> EndpointError {
        .refused(HTTPRefusal(status: 503, reason: "", retryAfter: retryAfter, body: ""))
    }

    @Test func noTryBeginsEarlierThanTheOtherEndWantsIt() {
        var schedule = RetrySchedule(Self.settings(9, delay: .seconds(5)))
        #expect(schedule.pause(after: Self.unavailable(.seconds(9)), elapsed: .zero, chance: 1) == .seconds(9))
        #expect(schedule.pause(after: Self.unavailable(.seconds(4)), elapsed: .zero, chance: 1) == .seconds(5))
        let proxy = ProxyRefusal(status: 503, reason: "", retryAfter: .seconds(7), body: "")
        let error = EndpointError.proxy("p", .proxyRefused(proxy))
        #expect(schedule.pause(after: error, elapsed: .zero, chance: 1) == .seconds(7))
    }

    @Test func whatTheOtherEndWantsIsBoundedByTheLimit() {
        var schedule = RetrySchedule(Self.settings(9, delay: .seconds(1), maxTime: .seconds(10)))
        #expect(schedule.pause(after: Self.unavailable(.seconds(11)), elapsed: .zero, chance: 0) == nil)
        #expect(schedule.pause(after: Self.unavailable(.seconds(10)), elapsed: .zero, chance: 0) == .seconds(10))
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504])
    func statusesThatPass(status: Int) {
        let refusal = HTTPRefusal(status: status, reason: "", body: "")
        #expect(EndpointError.refused(refusal).isTransient)
        #expect(EndpointError.proxy("p", .proxyRefused(ProxyRefusal(status: status, reason: "", body: ""))).isTransient)
    }

    @Test(arguments: [200, 301, 400, 401, 403, 404, 407, 426, 431, 501, 505])
    func statusesThatStay(status: Int) {
        let refusal = HTTPRefusal(status: status, reason: "", body: "")
        #expect(!EndpointError.refused(refusal).isTransient)
        #expect(!EndpointError.proxyRefused(ProxyRefusal(status: status, reason: "", body: "")).isTransient)
    }

    @Test(
        arguments: [
            (.nameNotFound(host: "h", reason: "r"), true), (.connectFailed(reason: "r"), true),
            (.exhausted(reason: "r"), true), (.timedOut(.name, after: .seconds(1)), true),
            (.closedDuringHandshake(isSecure: false), true), (.tls(.truncated), true),
            (.socks(.refused(reply: 5)), true),
            (.proxy("p", .timedOut(.proxy, after: .seconds(1))), true), (.socks(.refused(reply: 2)), false),
            (.socks(.credentialsRefused), false), (.tls(.handshakeFailed(reason: "r")), false),
            (.tls(.configuration(file: nil, reason: "r")), false), (.notHTTP(reason: "r"), false),
            (.headTooLarge(limit: 1), false), (.handshake(.upgrade(nil)), false), (.programFailed(reason: "r"), false),
            (.listenFailed(reason: "r", hint: "h"), false),
            (.unusableProxy(UnusableProxy(origin: "o", problem: "p")), false),
        ] as [(EndpointError, Bool)]
    )
    func onlyWhatMayPassByItselfIsTriedAgain(error: EndpointError, isTransient: Bool) {
        #expect(error.isTransient == isTransient)
    }
}
