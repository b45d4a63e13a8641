// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
public import RelayCore

extension Endpoint {
    /// Sends `header` before all else, if `version` says so.
    public func begin(with header: ProxyHeader, _ version: ProxyHeader.Version?) async throws(OpeningError) {
        guard let version else { return }
        do {
            try await self.write(Chunk(header.encoded(version)))
        } catch {
            self.abort(.failed)
            try? await self.close()
            throw OpeningError(name: self.name, reason: .connectFailed(reason: "\(error)"))
        }
    }
}
