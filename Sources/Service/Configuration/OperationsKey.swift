// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// The keys that only operators care about.
enum OperationsKey {
    /// - Returns: `false` if it is none of these keys.
    static func apply(
        _ setting: Setting,
        to configuration: inout ServiceConfiguration
    ) throws(ConfigurationError) -> Bool {
        let reader = SettingReader(setting: setting)
        switch setting.key {
        case "metrics": configuration.operations.metrics = try Self.hostAndPort(reader)
        case "drain-timeout": configuration.operations.drainTimeout = try reader.duration()
        case "log-format":
            let (text, place) = try reader.text()
            guard let format = LogFormat(rawValue: text) else {
                throw reader.failure("\"\(text)\" is no format", "write text or json", at: place)
            }
            configuration.operations.logFormat = format
        case "accept-proxy":
            for name in try Self.sources(reader) {
                configuration.linkOptions.proxyProtocol.acceptedFrom.formUnion(name)
            }
        case "trust-forwarded":
            for name in try Self.sources(reader) { configuration.operations.forwarded.trusted.formUnion(name) }
        case "forwarded-header":
            let (text, place) = try reader.text()
            guard let field = ForwardedFor.Field(rawValue: text.lowercased()) else {
                throw reader.failure("\"\(text)\" is no such header", "write x-forwarded-for or forwarded", at: place)
            }
            configuration.operations.forwarded.field = field
        default: return false
        }
        return true
    }

    private static func sources(_ reader: SettingReader) throws(ConfigurationError) -> [TrustedSources] {
        try reader.list { text throws(ValueError) in
            do throws(AddressError) {
                return try TrustedSources([text])
            } catch {
                throw ValueError("\(text): \(error.problem)", "\(error.expected), or unix for Unix sockets")
            }
        }
    }

    private static func hostAndPort(_ reader: SettingReader) throws(ConfigurationError) -> HostAndPort {
        let (text, place) = try reader.text()
        guard case .tcpListen(let host)? = try? Address("tcp-listen:\(text)") else {
            throw reader.failure("\"\(text)\" is no address to listen on", "write 127.0.0.1:9090", at: place)
        }
        return host
    }
}
