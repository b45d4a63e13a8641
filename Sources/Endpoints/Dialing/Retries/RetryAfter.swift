// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// When to ask again, as whoever refused says (RFC 9110 §10.2.3).
enum RetryAfter {
    /// - Parameters:
    ///   - field: seconds, or a date.
    ///   - now: seconds since 1970.
    /// - Returns: `nil` if it is neither.
    static func duration(_ field: String, at now: Int) -> Duration? {
        guard field.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return HTTPDate(field).map { self.bounded($0.secondsSince1970 - now) }
        }
        return field.isEmpty ? nil : self.bounded(Int(field) ?? .max)
    }

    private static func bounded(_ seconds: Int) -> Duration { .seconds(min(max(seconds, 0), Self.longest)) }

    /// As curl: six hours.
    private static let longest = 6 * 60 * 60
}

extension EndpointError {
    /// How long whoever refused wants to be left alone.
    var retryAfter: Duration? {
        switch self {
        case .refused(let refusal): refusal.retryAfter
        case .proxyRefused(let refusal): refusal.retryAfter
        case .proxy(_, let reason), .redirected(_, let reason): reason.retryAfter
        case .nameNotFound, .connectFailed, .exhausted, .timedOut, .closedDuringHandshake, .socks, .abandoned,
            .redirect, .notPermitted, .tls, .handshake, .notHTTP, .headTooLarge, .unusableProxy, .listenFailed,
            .programFailed:
            nil
        }
    }
}
