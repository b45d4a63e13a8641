// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

extension HTTPHeaders {
    /// Cloudflare has passed the request or the answer on: it gives each a number.
    var nameCloudflare: Bool {
        self.contains(name: "CF-RAY") || self["Server"].contains { $0.lowercased() == "cloudflare" }
    }
}
