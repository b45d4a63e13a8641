// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Which addresses are reached through which proxy, and what proxies are told and trusted with.
public struct ProxySettings: Sendable {
    /// `--proxy`: for all that goes over TCP.
    public var given: Proxy?
    /// The environment's for `ws://`, where there is no `given` one. One that can't be read is an error once it is needed.
    public var forPlain: Result<Proxy, UnusableProxy>?
    /// The environment's for `wss://`, where there is no `given` one.
    public var forSecure: Result<Proxy, UnusableProxy>?
    /// Hosts that are reached without a proxy.
    public var exceptions = NoProxyList("")
    /// Changes to the header fields of CONNECT.
    public var headers: [HeaderChange] = []
    /// PEM file of the authorities to trust for a proxy with TLS instead of the system's.
    public var authorityFile: String?
    /// The certificate of a proxy with TLS is not verified.
    public var isInsecure = false

    /// No proxies.
    public init() {}

    func proxy(for url: WebSocketURL) throws(EndpointError) -> Proxy? {
        if self.exceptions.contains(url.hostAndPort.host) { return nil }
        if let given { return given }
        switch url.isSecure ? self.forSecure : self.forPlain {
        case .success(let proxy)?: return proxy
        case .failure(let reason)?: throw .unusableProxy(reason)
        case nil: return nil
        }
    }

    /// For a byte stream only what was asked for: the environment speaks of the web.
    func proxy(for hostAndPort: HostAndPort) -> Proxy? {
        self.exceptions.contains(hostAndPort.host) ? nil : self.given
    }

    var usesTLS: Bool {
        [self.given, try? self.forPlain?.get(), try? self.forSecure?.get()].contains { $0?.scheme == .https }
    }
}
