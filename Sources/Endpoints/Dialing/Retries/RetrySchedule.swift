// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// When the opening of one link is tried again, and whether.
///
/// The pauses double from 1 s to 1 min. Each is cut by chance, by up to a half, so that a thousand clients of a gateway
/// that went down do not come back all at once.
struct RetrySchedule {
    private let settings: RetrySettings
    /// Tries after the first one, this one included.
    private(set) var number = 0

    private static let first = Duration.seconds(1)
    private static let longest = Duration.seconds(60)

    init(_ settings: RetrySettings) {
        self.settings = settings
    }

    /// - Parameters:
    ///   - error: what the last try ended with.
    ///   - elapsed: since the first try began.
    ///   - chance: 0 to 1.
    /// - Returns: The pause before the next try, or `nil` if there is none.
    mutating func pause(after error: EndpointError, elapsed: Duration, chance: Double) -> Duration? {
        guard error.isTransient, self.number < self.settings.count else { return nil }
        // No earlier than whoever refused wants it.
        let pause = max(self.settings.delay ?? Self.growing(self.number, chance), error.retryAfter ?? .zero)
        guard self.settings.maxTime == .zero || elapsed + pause <= self.settings.maxTime else { return nil }
        self.number += 1
        return pause
    }

    private static func growing(_ number: Int, _ chance: Double) -> Duration {
        let whole = min(Self.longest, Self.first * (1 << min(number, 6)))
        return whole - whole / 2 * min(max(chance, 0), 1)
    }
}

extension EndpointError {
    /// It may work a little later, without anybody changing anything here.
    var isTransient: Bool {
        switch self {
        case .nameNotFound, .connectFailed, .exhausted, .timedOut, .closedDuringHandshake, .tls(.truncated): true
        case .refused(let refusal): Self.transientStatuses.contains(refusal.status)
        case .proxyRefused(let refusal): Self.transientStatuses.contains(refusal.status)
        case .socks(let failure): failure.isTransient
        case .proxy(_, let reason): reason.isTransient
        case .redirected(_, let reason): reason.isTransient
        case .abandoned, .redirect, .notPermitted, .tls, .handshake, .notHTTP, .headTooLarge, .unusableProxy,
            .listenFailed, .programFailed:
            false
        }
    }

    /// curl's for --retry, and 425 (Too Early).
    private static let transientStatuses: Set = [408, 425, 429, 500, 502, 503, 504]
}

extension SOCKSFailure {
    fileprivate var isTransient: Bool {
        switch self.meaning {
        case .unreachable: true
        case .forbidden, .violation: false
        }
    }
}
