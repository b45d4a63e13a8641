// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// The keys that a route can have for itself, and a service for all its routes.
enum RouteKey {
    /// - Returns: `false` if it is none of these keys.
    static func apply(_ setting: Setting, to settings: inout RouteSettings) throws(ConfigurationError) -> Bool {
        let reader = SettingReader(setting: setting)
        switch setting.key {
        case "users": settings.access.users = try reader.file()
        case "tokens": settings.access.tokens = try reader.file()
        case "origin":
            settings.access.origins = try reader.list { text throws(ValueError) in try AllowedOrigin(text) }
        case "client-name":
            settings.access.clientNames = try reader.list { text throws(ValueError) in try ClientName(text) }
        case "from":
            settings.access.sources = try reader.list { text throws(ValueError) in try AllowedSource(text) }
        case "idle-timeout":
            let time = try reader.duration()
            settings.bounds.idleTime = time > .zero ? time : nil
        case "max-life":
            let time = try reader.duration()
            settings.bounds.life = time > .zero ? time : nil
        case "max-rate":
            let rate = try reader.size()
            settings.bounds.bytesPerSecond = rate > 0 ? rate : nil
        case "send-proxy":
            let (text, place) = try reader.text()
            guard let version = ProxyHeader.Version(rawValue: text) else {
                throw reader.failure("\"\(text)\" is no version of the PROXY protocol", "write v1 or v2", at: place)
            }
            settings.sentProxyHeader = version
        default: return false
        }
        return true
    }
}
