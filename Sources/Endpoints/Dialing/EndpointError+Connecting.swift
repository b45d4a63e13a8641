// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix

extension EndpointError {
    /// What a connection attempt ended with. Of several addresses, the first error counts.
    init(connecting error: any Error, _ clock: OpeningClock) {
        switch error {
        case let error as EndpointError:
            self = error
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first {
                let rest = EndpointError(connecting: first.error, clock)
                guard case .connectFailed(let reason) = rest else {
                    self = rest
                    return
                }
                self = .connectFailed(reason: "\(first.target.numericDescription): \(reason)")
            } else {
                // That the name was not found is known before anybody connects.
                self = .nameNotFound(host: error.host, reason: NameResolver.noneOfTheFamily)
            }
        case ChannelError.connectTimeout:
            self = clock.expired(in: .connection)
        case let error as IOError where error.errnoCode == ETIMEDOUT:
            self = clock.expired(in: .connection)
        case let error as IOError where error.isExhaustion:
            self = .exhausted(reason: error.errnoDescription)
        case StreamError.system(let error) where error.isExhaustion:
            self = .exhausted(reason: error.errnoDescription)
        case let error as IOError:
            self = .connectFailed(reason: "\(error.errnoDescription) (\(Self.hint(error.errnoCode)))")
        default:
            self = .connectFailed(reason: "\(error)")
        }
    }

    private static func hint(_ code: CInt) -> String {
        switch code {
        case ECONNREFUSED: "is the service running and listening there?"
        case ENOENT: "no such socket file; is the service running?"
        case EACCES, EPERM: "check permissions, or the firewall"
        case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL: "check the network, or try -4 or -6"
        default: "check host and port"
        }
    }
}
