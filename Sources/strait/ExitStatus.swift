// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import RelayCore
import TLSEngine

/// What the process says when it ends; the numbers are those of sysexits(3) and 128 + signal.
struct ExitStatus: RawRepresentable, Equatable {
    let rawValue: Int32

    /// Both directions ended in order.
    static let success = ExitStatus(rawValue: 0)
    /// Wrong usage.
    static let usage = ExitStatus(rawValue: 64)
    /// Name not found.
    static let noHost = ExitStatus(rawValue: 68)
    /// Could not connect or listen.
    static let unavailable = ExitStatus(rawValue: 69)
    /// The link broke after it was up.
    static let broken = ExitStatus(rawValue: 74)
    /// The peer did not speak the protocol.
    static let `protocol` = ExitStatus(rawValue: 76)
    /// TLS verification failed, or HTTP 401 or 403.
    static let refused = ExitStatus(rawValue: 77)

    init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Ended by a signal.
    init(signal: Int32) {
        self.rawValue = 128 + signal
    }

    /// An endpoint could not be opened.
    init(opening error: EndpointError) {
        switch error {
        case .nameNotFound: self = .noHost
        case .notPermitted: self = .refused
        case .connectFailed, .exhausted, .timedOut, .abandoned, .listenFailed, .programFailed: self = .unavailable
        case .tls(let error): self.init(tls: error, opening: true)
        case .refused(let refusal): self = refusal.isAboutCredentials ? .refused : .protocol
        case .redirected(_, let error): self.init(opening: error)
        case .redirect: self = .protocol
        case .proxy(_, let reason): self.init(opening: reason)
        case .unusableProxy: self = .usage
        case .proxyRefused(let refusal): self.init(proxyStatus: refusal.status)
        case .socks(let failure):
            switch failure.meaning {
            case .forbidden: self = .refused
            case .unreachable: self = .unavailable
            case .violation: self = .protocol
            }
        case .handshake, .notHTTP, .headTooLarge, .closedDuringHandshake: self = .protocol
        }
    }

    /// A link broke.
    init(breaking error: any Error) {
        switch error {
        case let error as WebSocketError:
            switch error {
            case .violation, .dataAfterEnd, .messageTooBig: self = .protocol
            case .closed, .closedInsideMessage, .endedWithoutClose, .notTaken, .pingTimeout, .noMemory, .textNotUTF8,
                .notBase64:
                self = .broken
            }
        case StreamError.below(let error as TLSError):
            self.init(tls: error, opening: false)
        default:
            self = .broken
        }
    }

    /// A proxy that can't reach the host has tried to connect, as we do without one.
    private init(proxyStatus status: Int) {
        switch status {
        case 401, 403, 407: self = .refused
        case 502, 503, 504: self = .unavailable
        default: self = .protocol
        }
    }

    private init(tls error: TLSError, opening: Bool) {
        switch error {
        case .configuration: self = .usage
        case .verificationFailed, .wrongPublicKey, .clientCertificateRefused: self = .refused
        case .handshakeFailed, .protocolError: self = .protocol
        case .truncated: self = opening ? .protocol : .broken
        }
    }
}
