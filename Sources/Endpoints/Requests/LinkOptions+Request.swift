// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

extension LinkOptions {
    /// What the opening request of a WebSocket says.
    public struct Request: Sendable {
        /// Changes of the header, in order.
        public var headers: [HeaderChange] = []
        /// What `User-Agent` says.
        public var userAgent = "strait"
        /// Credentials for the address given, before those of any other source.
        public var authorization: Authorization?
        /// Credentials for the address given if there are none from anywhere else.
        public var fallbackAuthorization: Authorization?
        /// Where credentials are looked up by host.
        public var netrc: Netrc?
        /// Credentials in an address come before those of `netrc`.
        public var isNetrcOptional = false
        /// `name=value`, for the address given.
        public var cookies: [String] = []
        /// Cookies of many hosts, of which those that fit are sent.
        public var cookieJar = CookieJar()
        /// What redirects set goes into a copy of it, for the next request of the same opening.
        public var keepsCookies = false
        /// How many redirects are followed; `nil` none, so that they are refusals.
        public var redirectLimit: Int?

        /// The defaults of the command line.
        public init() {}
    }
}
