// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// Which step an opening has come to, so that a failure is told of the right one.
struct OpeningSteps {
    private let isSecure: Bool
    private(set) var reached: [CheckStep.Name] = []

    init(_ address: Address) {
        self.isSecure = address.isSecureWebSocket
    }

    /// The line for a step that was reached.
    mutating func reach(_ step: DialStep, in time: Duration, isVerified: Bool) -> CheckStep {
        let found = Self.found(step, in: time, isVerified: isVerified)
        self.reached.append(found.name)
        return found
    }

    /// The step that `error` is about.
    func failing(_ error: EndpointError) -> CheckStep.Name {
        switch error {
        case .nameNotFound, .timedOut(.name, _, _): return .name
        case .proxy: return .proxy
        case .redirected(_, let reason): return self.failing(reason)
        case .connectFailed, .exhausted, .notPermitted, .timedOut, .tls, .refused, .redirect, .handshake, .notHTTP,
            .headTooLarge, .closedDuringHandshake, .unusableProxy, .proxyRefused, .socks, .abandoned, .listenFailed,
            .programFailed:
            break
        }
        let wanted: [CheckStep.Name] = self.isSecure ? [.connect, .tls, .handshake] : [.connect, .handshake]
        return wanted.first { !self.reached.contains($0) } ?? .handshake
    }

    private static let verifying = "anybody could be at the other end: leave out --insecure, give the CA with --cacert"

    private static func found(_ step: DialStep, in time: Duration, isVerified: Bool) -> CheckStep {
        switch step {
        case .resolved(let host, let addresses):
            return CheckStep(
                name: .name,
                result: .ok,
                time: time,
                detail: "\(step)",
                facts: [("host", .string(host)), ("addresses", .strings(addresses))]
            )
        case .connected(let peer):
            return CheckStep(name: .connect, result: .ok, time: time, detail: peer, facts: [("peer", .string(peer))])
        case .proxied(let proxy):
            let facts = [(key: "proxy", value: JSONValue.string(proxy))]
            return CheckStep(name: .proxy, result: .ok, time: time, detail: "\(step)", facts: facts)
        case .secured(let tls):
            let certificate = tls.peerCertificate
            return CheckStep(
                name: .tls,
                result: isVerified ? .ok : .warning,
                time: time,
                detail: "\(tls)",
                advice: isVerified ? nil : Self.verifying,
                facts: [
                    ("version", .string(tls.version)), ("cipher", .string(tls.cipher)),
                    ("subject", .optional(certificate?.subject)), ("issuer", .optional(certificate?.issuer)),
                    ("not_before", .optional(certificate?.notBefore)), ("not_after", .optional(certificate?.notAfter)),
                    ("verified", .bool(isVerified)),
                ]
            )
        case .upgraded(let upgrade):
            return CheckStep(
                name: .handshake,
                result: .ok,
                time: time,
                detail: "\(upgrade)",
                facts: [
                    ("extensions", .strings(upgrade.extensions)), ("subprotocol", .optional(upgrade.subprotocol)),
                    ("server", .optional(upgrade.server)),
                ]
            )
        }
    }
}
