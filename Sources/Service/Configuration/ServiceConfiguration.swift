// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import Endpoints
import RelayCore

/// What a service does, whole and checked: made of the command line and the configuration file alike.
///
/// It does not change. Files that it names are not read yet.
public struct ServiceConfiguration: Sendable {
    /// Where it listens: WebSocket addresses without a path.
    public internal(set) var listeners: [Address] = []
    /// Where requests are led.
    public internal(set) var routes: [Route] = []
    /// What a request may choose to be connected to.
    var allowed: [AllowRule] = []
    /// How many links there may be at a time, handshakes included; zero: any number.
    public internal(set) var maxLinks = 10_000
    /// The same for one source.
    public internal(set) var maxLinksPerSource = 0
    /// How many requests of one source are heard in a second; zero: any number.
    public internal(set) var maxHandshakeRate = 0
    /// What endpoints need.
    public internal(set) var linkOptions = LinkOptions()
    /// What `wss://` listeners show.
    var certificates = CertificateSettings()
    /// Whether messages are compressed.
    var compression = CompressionSettings()
    /// How it is watched and ended.
    public internal(set) var operations = OperationsSettings()
    /// What each route begins with.
    var defaults = RouteSettings()

    init() {}

    /// - Parameter settings: Those of the file, then those of the command line: where a key takes one value, the last
    ///   counts; where it takes a list, all do.
    /// - Throws: `ConfigurationError` for the first setting that can't be.
    public init(_ settings: [Setting]) throws(ConfigurationError) {
        self.init()
        for setting in settings where ServiceKey.isOfService(setting) {
            try ServiceKey.apply(setting, to: &self)
        }
        // What holds for all routes has been heard by now.
        for setting in settings where setting.key == ServiceKey.route {
            for route in try RouteReader(setting: setting, defaults: self.defaults).routes() {
                if let other = self.routes.first(where: { $0.pattern.isSame(as: route.route.pattern) }) {
                    throw ConfigurationError(
                        place: route.place,
                        key: setting.key,
                        problem: "\(route.route.name) takes the same requests as \(other.name)",
                        expected: "leave one of them out"
                    )
                }
                self.routes.append(route.route)
            }
        }
        self.linkOptions.compressionWindow = self.compression.agreed
        do throws(ValueError) {
            try self.certificates.apply(to: &self.linkOptions.tls)
        } catch {
            throw Self.missing(error.problem, error.expected)
        }
        try self.checkWhole()
    }

    /// For the other ends: the certificate is the listeners'.
    var dialOptions: LinkOptions {
        var options = self.linkOptions
        options.tls.certificateFile = nil
        options.tls.keyFile = nil
        options.tls.otherIdentities = []
        options.tls.ocspResponseFiles = []
        options.subprotocols = []
        return options
    }

    private func checkWhole() throws(ConfigurationError) {
        guard !self.listeners.isEmpty else {
            throw Self.missing("no address to listen on", "give --listen, or listen: in the file")
        }
        guard !self.routes.isEmpty else {
            throw Self.missing("no route", "give --route PATTERN=TARGET, or route: in the file")
        }
        if self.linkOptions.tls.certificateFile == nil, self.listeners.contains(where: \.needsCertificate) {
            throw Self.missing("a wss:// listener has no certificate", "give --cert and --key, or one file for both")
        }
        if self.linkOptions.clientAuthorityFile == nil,
            self.routes.contains(where: { !$0.settings.access.clientNames.isEmpty })
        {
            throw Self.missing("client-name without an authority for clients", "give --client-ca, too")
        }
    }

    private static func missing(_ problem: String, _ expected: String) -> ConfigurationError {
        ConfigurationError(place: .commandLine, key: nil, problem: problem, expected: expected)
    }
}
