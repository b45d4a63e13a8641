// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import NIOCore

/// Where requests may come from: a network, or `unix` for clients of a Unix socket.
enum AllowedSource: Hashable, Sendable {
    case network(Network)
    case unixSocket

    init(_ text: String) throws(ValueError) {
        if text.lowercased() == "unix" {
            self = .unixSocket
            return
        }
        do throws(AddressError) {
            self = .network(try Network(text))
        } catch {
            throw ValueError("\(text): \(error.problem)", "\(error.expected), or unix for clients of Unix sockets")
        }
    }

    /// - Parameter source: `nil` for a client of a Unix socket.
    func permits(_ source: SocketAddress?) -> Bool {
        switch self {
        case .network(let network): source.map { network.contains($0) } ?? false
        case .unixSocket: source == nil
        }
    }
}
