// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import Glibc

/// Which connections go through a proxy, as with curl.
struct ProxyOptions: ParsableArguments {
    @Option(
        name: [.customShort("x"), .long],
        help: ArgumentHelp(
            "Proxy for all that goes over TCP: http:// (default), https://, socks5:// or socks5h://; \"\" none.",
            valueName: "[SCHEME://][USER:PASSWORD@]HOST[:PORT]"
        )
    )
    var proxy: String?

    @Option(help: ArgumentHelp("In place of those in the proxy's address.", valueName: "user:password"))
    var proxyUser: String?

    @Option(help: ArgumentHelp("Header for the proxy, also in place of a usual one.", valueName: "NAME: VALUE"))
    var proxyHeader: [HeaderArgument] = []

    @Option(
        help: ArgumentHelp("Authorities to trust for a proxy with TLS, PEM.", valueName: "file"),
        completion: .file()
    )
    var proxyCacert: String?

    @Flag(help: "Do not verify the certificate of a proxy with TLS.")
    var proxyInsecure = false

    @Option(help: ArgumentHelp("Hosts to reach without a proxy: names, networks, *.", valueName: "list"))
    var noproxy: String?

    func validate() throws {
        if case .failure(let problem)? = self.given { throw ValidationError("\(problem)") }
    }

    /// - Parameter environment: a variable's value.
    /// - Throws: when a file of header fields can't be used.
    func settings(environment: (String) -> String? = Self.environment) throws(UsageError) -> ProxySettings {
        var settings = ProxySettings()
        let exceptions = self.noproxy ?? Self.first(["no_proxy", "NO_PROXY"], environment)?.value
        settings.exceptions = NoProxyList(exceptions ?? "")
        for header in self.proxyHeader {
            switch header {
            case .change(let change): settings.headers.append(change)
            case .file(let path): settings.headers += try RequestOptions.headers(in: path, of: "--proxy-header @")
            }
        }
        settings.authorityFile = self.proxyCacert
        settings.isInsecure = self.proxyInsecure
        settings.given = try? self.given?.get()
        // `--proxy ""` turns off those of the environment, too.
        guard self.proxy == nil else { return settings }
        settings.forPlain = Self.first(Self.namesForPlain, environment).map { self.read($0.value, $0.name) }
        settings.forSecure = Self.first(Self.namesForSecure, environment).map { self.read($0.value, $0.name) }
        return settings
    }

    private var given: Result<Proxy, UnusableProxy>? {
        guard let text = self.proxy, !text.isEmpty else { return nil }
        return self.read(text, "--proxy")
    }

    private func read(_ text: String, _ origin: String) -> Result<Proxy, UnusableProxy> {
        UnusableProxy.read(text, from: origin, credentials: self.proxyUser.map { ProxyCredentials($0) })
    }

    /// curl's for WebSockets, then those for the web. HTTP_PROXY is not read: where strait is started for a web request
    /// (CGI), whoever asks could set it by a header `Proxy`.
    private static let namesForPlain = ["ws_proxy", "WS_PROXY", "http_proxy"] + Self.namesForAll
    private static let namesForSecure = ["wss_proxy", "WSS_PROXY", "https_proxy", "HTTPS_PROXY"] + Self.namesForAll
    private static let namesForAll = ["all_proxy", "ALL_PROXY"]

    /// Empty ones are not set, as with curl.
    private static func first(
        _ names: [String],
        _ environment: (String) -> String?
    ) -> (name: String, value: String)? {
        for name in names {
            if let value = environment(name), !value.isEmpty { return (name, value) }
        }
        return nil
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
