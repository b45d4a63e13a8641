// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

/// A network that stands between its customers' servers and everybody else, as far as its answers name it.
public enum ContentNetwork: String, Sendable {
    case akamai = "Akamai"
    case azure = "Azure Front Door"
    case cloudflare = "Cloudflare"
    case cloudFront = "CloudFront"
    case fastly = "Fastly"
    case google = "Google's load balancer"

    /// What an answer's fields say.
    init?(_ headers: HTTPHeaders) {
        let server = headers.first(name: "Server")?.lowercased() ?? ""
        let via = headers["Via"].joined(separator: ",").lowercased()
        if headers.nameCloudflare {
            self = .cloudflare
        } else if headers.contains(name: "X-Amz-Cf-Id") || server == "cloudfront" {
            self = .cloudFront
        } else if server == "akamaighost" || server == "akamainetstorage" {
            self = .akamai
        } else if headers.first(name: "X-Served-By")?.hasPrefix("cache-") == true {
            self = .fastly
        } else if headers.contains(name: "X-Azure-Ref") {
            self = .azure
        } else if via.hasSuffix(" google") {
            self = .google
        } else {
            return nil
        }
    }
}
