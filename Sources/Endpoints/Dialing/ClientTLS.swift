// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TLSEngine

/// A client's TLS, set up at its first use, so that ws has nothing of it, and once, so that sessions are resumed and the
/// trust store is loaded once.
final class ClientTLS: Sendable {
    private let options: LinkOptions.TLS
    private let made = Mutex<TLSContext?>(nil)

    init(_ options: LinkOptions.TLS) {
        self.options = options
    }

    /// - Throws: `.tls` when a file can't be used.
    func context() throws(EndpointError) -> TLSContext {
        try self.made.withLock { made throws(EndpointError) in
            if let made { return made }
            do throws(TLSError) {
                let context = try TLSContext(client: TLSClientConfiguration(self.options))
                made = context
                return context
            } catch {
                throw .tls(error)
            }
        }
    }
}
