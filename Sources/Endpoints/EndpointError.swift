// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RelayCore
public import TLSEngine
public import WebSocketCore

/// Why an endpoint could not be opened.
public enum EndpointError: Error, Sendable {
    /// The name has no address; `reason` is the resolver's.
    case nameNotFound(host: String, reason: String)
    /// Nobody answers there.
    case connectFailed(reason: String)
    /// This machine or process is out of descriptors or memory.
    case exhausted(reason: String)
    /// No rule permits the addresses that the name stands for.
    case notPermitted(host: String, addresses: [IPAddress])
    /// It took too long, in this step.
    case timedOut(OpeningStep, after: Duration, of: OpeningLimit = .whole)
    /// TLS did not come about.
    case tls(TLSError)
    /// An HTTP answer other than 101.
    case refused(HTTPRefusal)
    /// A redirect leads where none is followed to.
    case redirect(RedirectError)
    /// Where a redirect led to, something else went wrong.
    indirect case redirected(to: WebSocketURL, EndpointError)
    /// The answer is no WebSocket handshake.
    case handshake(HandshakeFailure)
    /// The answer is not HTTP.
    case notHTTP(reason: String)
    /// The answer's header block is over the limit, in bytes.
    case headTooLarge(limit: Int)
    /// The peer closed the connection in the middle of the handshake; TLS was in place, or not asked for.
    case closedDuringHandshake(isSecure: Bool)
    /// The proxy of this name could not be reached, or did not connect.
    indirect case proxy(String, EndpointError)
    /// The environment names a proxy that can't be used.
    case unusableProxy(UnusableProxy)
    /// The proxy's answer to CONNECT is none of success.
    case proxyRefused(ProxyRefusal)
    /// The proxy's answer in SOCKS is none of success.
    case socks(SOCKSFailure)
    /// It was being tried again, and whoever it was for has gone.
    case abandoned
    /// The address can't be listened on.
    case listenFailed(reason: String, hint: String)
    /// The program can't be started.
    case programFailed(reason: String)
}

extension EndpointError {
    /// It may work again once links have ended.
    public var isExhaustion: Bool {
        switch self {
        case .exhausted: true
        case .proxy(_, let reason), .redirected(_, let reason): reason.isExhaustion
        case .nameNotFound, .connectFailed, .timedOut, .tls, .refused, .handshake, .notHTTP, .headTooLarge,
            .closedDuringHandshake, .unusableProxy, .proxyRefused, .socks, .abandoned, .notPermitted, .redirect,
            .listenFailed,
            .programFailed:
            false
        }
    }

    /// It took too long.
    public var isTimeout: Bool {
        switch self {
        case .timedOut: true
        case .proxy(_, let reason), .redirected(_, let reason): reason.isTimeout
        case .nameNotFound, .connectFailed, .exhausted, .tls, .refused, .handshake, .notHTTP, .headTooLarge,
            .closedDuringHandshake, .unusableProxy, .proxyRefused, .socks, .abandoned, .notPermitted, .redirect,
            .listenFailed,
            .programFailed:
            false
        }
    }
}

extension EndpointError: CustomStringConvertible {
    /// As a log line shows it: why, and what to do.
    public var description: String {
        switch self {
        case .nameNotFound(let host, let reason): "\(host): \(reason) (check the name, or the resolver)"
        case .connectFailed(let reason): "\(reason)"
        case .exhausted(let reason): "\(reason) (raise the limit of open files, see ulimit -n)"
        case .notPermitted(let host, let addresses):
            "\(host.printable) is \(addresses.map(\.description).joined(separator: ", ")), which no --allow rule permits"
        case .timedOut(let step, let time, let limit): "timed out: \(step.missing(after: time, of: limit))"
        case .tls(let error): "\(error)"
        case .refused(let refusal): "\(refusal)"
        case .redirect(let error): "\(error)"
        case .redirected(let url, let error): "redirected to \(url): \(error)"
        case .handshake(let failure): "\(failure) (is this the address of a WebSocket?)"
        case .notHTTP(let reason): "the answer is not HTTP: \(reason) (is this the port of a WebSocket?)"
        case .headTooLarge(let limit):
            "the answer's header block is over the limit of \(limit.byteSizeDescription) (raise --max-header to accept it)"
        case .closedDuringHandshake(isSecure: false):
            "the peer closed the connection during the handshake (does this port want wss://?)"
        case .closedDuringHandshake(isSecure: true):
            "the peer closed the connection during the handshake (is this the port of a WebSocket? see the server's log)"
        case .proxy(let name, .closedDuringHandshake):
            "proxy \(name): it closed the connection before it had answered CONNECT (check the proxy's port, kind and log)"
        case .proxy(let name, .notHTTP(let reason)):
            "proxy \(name): the answer is not HTTP: \(reason) (check the proxy's port; is it socks5://?)"
        case .proxy(let name, .tls(.handshakeFailed(let reason))):
            "proxy \(name): TLS handshake failed: \(reason) (check the proxy's port; is it http://?)"
        case .proxy(let name, .tls(.verificationFailed(let failure))):
            "proxy \(name): \(failure.description(authorities: "--proxy-cacert", insecure: "--proxy-insecure"))"
        case .proxy(let name, let reason): "proxy \(name): \(reason)"
        case .unusableProxy(let problem): "\(problem)"
        case .proxyRefused(let refusal): "\(refusal)"
        case .socks(let failure): "\(failure)"
        case .abandoned: "client gone before it was tried again (see --retry)"
        case .listenFailed(let reason, let hint): "\(reason) (\(hint))"
        case .programFailed(let reason): reason
        }
    }
}
