// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
public import Logging
import RelayCore

/// A service's events as log lines.
public struct ServiceLog: ServiceObserver {
    private let log: Logger

    /// Lines go to `log`.
    public init(_ log: Logger) {
        self.log = log
    }

    /// A line for each event that is worth one.
    public func observe(_ event: ServiceEvent) {
        switch event {
        case .accepted(let connection):
            self.log.debug("\(connection.name): connected")
        case .refused(let connection, _, let status, let reason):
            self.log.warning("\(connection.name): refused with HTTP \(status): \(reason.printable)")
        case .gone(let connection, let reason):
            self.log.warning("\(connection.name): \(reason.printable)")
        case .dialFailed(let link, let error):
            self.log.error("\(link.name): \(error)")
        case .opened(let link, let dialTime):
            self.log.debug("\(link.name): open, \(link.target) answered in \(dialTime.shortDescription)")
        case .ended(let link, let outcome, let counters, let life, _):
            let bytes = "\(counters.bytesToRemote) bytes in, \(counters.bytesToLocal) bytes out"
            let figures = "\(bytes), \(life.shortDescription)"
            switch outcome {
            case .ended: self.log.debug("\(link.name): ended, \(figures)")
            case .failed(let side, let error):
                let who = side == .local ? "client" : "\(link.target)"
                self.log.error("\(link.name): \(who): \(error); \(figures)")
            case .cancelled: self.log.debug("\(link.name): cancelled, \(figures)")
            case .expired(let expiry): self.log.notice("\(link.name): \(expiry), \(figures)")
            }
        case .reloaded:
            self.log.notice("configuration loaded again")
        }
    }
}

extension LinkInfo {
    fileprivate var name: String {
        let user = self.user.map { " as \($0.printable)" } ?? ""
        return "\(self.connection.name)\(user): \(self.route)"
    }
}
