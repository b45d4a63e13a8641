// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

extension AccessSettings {
    /// What a request shows by itself: where it comes from.
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
    }
}
