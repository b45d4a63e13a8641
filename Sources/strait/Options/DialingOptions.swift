// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints

/// How a WebSocket is dialled: the options that every command which connects one takes.
struct DialingOptions: ParsableArguments {
    @OptionGroup(title: "Request")
    var request: RequestOptions

    @OptionGroup(title: "Credentials")
    var credentials: CredentialOptions

    @OptionGroup(title: "TLS")
    var tls: TLSOptions

    @OptionGroup(title: "Proxies")
    var proxy: ProxyOptions

    @OptionGroup(title: "Routes")
    var routing: RoutingOptions

    @OptionGroup(title: "Timeouts")
    var timeouts: TimeoutOptions

    @OptionGroup(title: "Retries")
    var retry: RetryOptions

    @OptionGroup(title: "Keepalive of TCP")
    var keepalive: KeepaliveOptions

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions

    func validate() throws {
        if self.routing.unixSocket != nil, self.proxy.proxy?.isEmpty == false {
            throw ValidationError("--unix-socket and --proxy exclude each other")
        }
    }

    /// - Throws: when a file that an option names can't be used.
    func apply(to options: inout LinkOptions) throws {
        try self.request.apply(to: &options)
        try self.credentials.apply(to: &options)
        try self.tls.apply(to: &options)
        self.timeouts.apply(to: &options)
        self.connection.apply(to: &options)
        options.proxy = try self.proxy.settings()
        options.routing = self.routing.settings
        options.retry = self.retry.settings
        options.keepalive = self.keepalive.settings
    }
}
