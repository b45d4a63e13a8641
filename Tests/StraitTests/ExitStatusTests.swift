// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import RelayCore
import Testing
import WebSocketCore

@testable import Endpoints
@testable import TLSEngine
@testable import strait

/// Not the one of Testing.
private typealias ExitStatus = strait.ExitStatus

@Suite("Exit status")
struct ExitStatusTests {
    private struct Unknown: Error {}

    @Test func theNumbersAreThoseOfTheManual() {
        let all: [ExitStatus] = [.success, .usage, .noHost, .unavailable, .broken, .protocol, .refused]
        #expect(all.map(\.rawValue) == [0, 64, 68, 69, 74, 76, 77])
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
    func aSignalIs128AndItsNumber(signal: Int32, status: Int32) {
        #expect(ExitStatus(signal: signal).rawValue == status)
    }

    // MARK: Opening

    private static let verification = TLSVerificationFailure(
        code: 18,
        reason: "self-signed certificate",
        depth: 0,
        certificate: nil,
        wantedName: "h"
    )

    @Test(
        arguments: [
            (.nameNotFound(host: "h", reason: "r"), 68), (.connectFailed(reason: "r"), 69),
            (.timedOut(.name, after: .seconds(1)), 69), (.proxy("p", .nameNotFound(host: "p", reason: "r")), 68),
            (.proxy("p", .timedOut(.proxy, after: .seconds(1))), 69),
            (.proxy("p", .closedDuringHandshake(isSecure: false)), 76),
            (.unusableProxy(UnusableProxy(origin: "o", problem: "p")), 64),
            (.socks(.credentialsRefused), 77), (.socks(.refused(reply: 2)), 77), (.socks(.refused(reply: 5)), 69),
            (.socks(.refused(reply: 7)), 76), (.socks(.malformed), 76),
            (.listenFailed(reason: "r", hint: "h"), 69), (.programFailed(reason: "r"), 69),
            (.handshake(.upgrade(nil)), 76), (.notHTTP(reason: "r"), 76), (.closedDuringHandshake(isSecure: false), 76),
            (.tls(.configuration(file: "f", reason: "r")), 64), (.tls(.handshakeFailed(reason: "r")), 76),
            (.tls(.protocolError(reason: "r")), 76), (.tls(.truncated), 76),
        ] as [(EndpointError, Int32)]
    )
    func whatKeptAnEndpointFromOpeningDecides(error: EndpointError, status: Int32) {
        #expect(ExitStatus(opening: error).rawValue == status)
    }

    @Test func aCertificateThatIsNotTrustedIsARefusal() {
        let error = TLSError.verificationFailed(Self.verification)
        #expect(ExitStatus(opening: EndpointError.tls(error)) == .refused)
        #expect(ExitStatus(breaking: StreamError.below(error)) == .refused)
    }

    @Test(arguments: [
        (401, 77), (403, 77), (400, 76), (402, 76), (404, 76), (407, 76), (200, 76), (301, 76), (426, 76), (431, 76),
        (500, 76),
        (502, 76), (503, 76), (504, 76),
    ])
    func ofHTTPAnswersOnly401And403AreRefusals(httpStatus: Int, status: Int32) {
        let error = EndpointError.refused(.init(status: httpStatus, reason: "", body: ""))
        #expect(ExitStatus(opening: error).rawValue == status)
    }

    @Test(arguments: [
        (401, 77), (403, 77), (407, 77), (400, 76), (500, 76), (501, 76), (502, 69), (503, 69), (504, 69),
    ])
    func aProxyThatCanNotReachTheHostIsLikeAHostThatIsNotReached(httpStatus: Int, status: Int32) {
        let refusal = ProxyRefusal(status: httpStatus, reason: "", body: "")
        #expect(ExitStatus(opening: .proxy("p", .proxyRefused(refusal))).rawValue == status)
    }

    // MARK: Breaking

    @Test(
        arguments: [
            (WebSocketError.violation(.maskedFrame), 76), (WebSocketError.dataAfterEnd, 76),
            (WebSocketError.closed(CloseReason(.internalError)), 74),
            (WebSocketError.closedInsideMessage(CloseReason(.normal)), 74), (WebSocketError.endedWithoutClose, 74),
            (WebSocketError.pingTimeout(after: .seconds(1)), 74), (WebSocketError.textNotUTF8, 74),
            (StreamError.reset, 74), (StreamError.closedByReader, 74), (StreamError.brokenWhileSending, 74),
            (StreamError.system(IOError(errnoCode: ENOSPC, reason: "write")), 74), (StreamError.below(Unknown()), 74),
            (StreamError.below(TLSError.truncated), 74), (StreamError.below(TLSError.protocolError(reason: "r")), 76),
            (StreamError.below(TLSError.handshakeFailed(reason: "r")), 76),
            (StreamError.below(TLSError.configuration(file: nil, reason: "r")), 64),
            (LinkError.closedBeforeTakingAll(after: .seconds(1)), 74),
            (Unknown(), 74), (CancellationError(), 74),
        ] as [(any Error, Int32)]
    )
    func whatBrokeALinkDecides(error: any Error, status: Int32) {
        #expect(ExitStatus(breaking: error).rawValue == status)
    }
}
