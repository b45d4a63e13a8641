// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

extension AccessSettings {
    /// What a request shows by itself: where it comes from, and whose certificate it has.
    ///
    /// - Throws: HTTP 403.
    func check(_ request: IncomingRequest) throws(RequestRefusal) {
        if !self.sources.isEmpty, !self.sources.contains(where: { $0.permits(request.source) }) {
            let detail = "\(request.source?.ipAddress ?? "a Unix socket") is not in from"
            throw RequestRefusal(403, "your address is not permitted here", detail: detail)
        }
        // Programs that are no browsers send no Origin, and could send any.
        let origins = request.headers.values(for: "Origin")
        if !self.origins.isEmpty, !origins.allSatisfy({ origin in self.origins.contains { $0.permits(origin) } }) {
            let detail = "origin \(origins.joined(separator: ", ")) is not in origin"
            throw RequestRefusal(403, "your origin is not permitted here", detail: detail)
        }
        let names = request.tls?.peerNames ?? []
        if !self.clientNames.isEmpty, !names.contains(where: { name in self.clientNames.contains { $0.permits(name) } })
        {
            let shown = names.isEmpty ? "no certificate with a name" : names.joined(separator: ", ")
            throw RequestRefusal(
                403,
                "your certificate is not permitted here",
                detail: "\(shown) is not in client-name"
            )
        }
    }
}
