// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// The keys of the configuration; the option of the command line has the same name.
enum ServiceKey {
    static let route = "route"

    static func isOfService(_ setting: Setting) -> Bool { setting.key != Self.route }

    /// - Throws: For an unknown key, too.
    static func apply(_ setting: Setting, to configuration: inout ServiceConfiguration) throws(ConfigurationError) {
        if try RouteKey.apply(setting, to: &configuration.defaults) { return }
        if try OperationsKey.apply(setting, to: &configuration) { return }
        if try configuration.certificates.apply(setting) { return }
        if try configuration.compression.apply(setting) { return }
        let reader = SettingReader(setting: setting)
        switch setting.key {
        case "listen":
            let added = try reader.list(Self.listener)
            for address in added {
                if configuration.listeners.contains(address), !address.hasFreePort {
                    throw reader.failure("\(address) is there twice", "leave one of them out")
                }
                configuration.listeners.append(address)
            }
        case "allow":
            configuration.allowed += try reader.list { text throws(ValueError) in try AllowRule(text) }
        case "cacert": configuration.linkOptions.tls.authorityFile = configuration.certificates.noted(try reader.file())
        case "client-ca":
            configuration.linkOptions.clientAuthorityFile = configuration.certificates.noted(try reader.file())
        case "protocol":
            configuration.linkOptions.subprotocols += try reader.list { text throws(ValueError) in text }
                .flatMap { $0.split { $0 == "," || $0 == " " } }.map(String.init)
        case "max-links": configuration.maxLinks = try reader.number()
        case "max-links-per-route": configuration.defaults.maxLinks = try reader.number()
        case "max-links-per-source": configuration.maxLinksPerSource = try reader.number()
        case "max-handshake-rate": configuration.maxHandshakeRate = try reader.number()
        case "handshake-timeout":
            configuration.linkOptions.handshakeTimeout = try reader.duration(zeroIsAllowed: false)
        case "connect-timeout":
            configuration.linkOptions.opening.whole = try reader.duration(zeroIsAllowed: false)
        case "linger": configuration.linkOptions.linger = try reader.duration()
        case "ping-interval": configuration.linkOptions.pingInterval = try reader.duration()
        case "ping-timeout": configuration.linkOptions.pingTimeout = try reader.duration(zeroIsAllowed: false)
        case "max-frame": configuration.linkOptions.frameLimit = try Self.frameLimit(reader)
        case "retry": configuration.linkOptions.retry.count = try reader.number()
        case "retry-delay":
            // As with curl, 0 is the default.
            let delay = try reader.duration()
            configuration.linkOptions.retry.delay = delay > .zero ? delay : nil
        case "retry-max-time": configuration.linkOptions.retry.maxTime = try reader.duration()
        case "max-header": configuration.linkOptions.headLimit = try reader.size(atLeast: Self.leastHeader)
        case "max-control-rate": configuration.linkOptions.controlFrameRate = try reader.number()
        default: throw reader.failure("no such key", "see strait.conf(5)")
        }
    }

    private static func frameLimit(_ reader: SettingReader) throws(ConfigurationError) -> Int {
        let limit = try reader.size()
        guard limit == 0 || limit >= LinkOptions.leastFrame else {
            let least = LinkOptions.leastFrame.byteSizeDescription
            throw reader.failure("frames of \(limit) bytes", "allow at least \(least), or 0 for any")
        }
        return limit
    }

    private static func listener(_ text: String) throws(ValueError) -> Address {
        let form = "use ws://HOST:PORT, wss://HOST:PORT, unix:PATH or ws+systemd:NAME"
        let words = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2 else { throw ValueError("\(text) is no address to listen on", form) }
        let listening: String
        switch (words[0].lowercased(), words[1]) {
        case ("ws", let rest): listening = "ws-listen:\(rest)"
        case ("wss", let rest): listening = "wss-listen:\(rest)"
        case ("unix", let rest): listening = "ws-unix-listen:\(rest)"
        case ("ws+systemd", let name), ("wss+systemd", let name):
            // As systemd.socket(5) has FileDescriptorName=.
            guard (1...255).contains(name.utf8.count), name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw ValueError("\(text) has no name", "use ws+systemd:NAME, as FileDescriptorName= has it")
            }
            return .webSocketInherited(isSecure: words[0].lowercased() == "wss+systemd", name: String(name))
        default: throw ValueError("\(text) is no address to listen on", form)
        }
        let address: Address
        do throws(AddressError) {
            address = try Address(
                listening.hasSuffix("/") && words[0] != "unix" ? String(listening.dropLast()) : listening
            )
        } catch {
            throw ValueError("\(text): \(error.problem)", form)
        }
        if case .webSocketListen(_, _, .some) = address {
            throw ValueError("\(text): a path where a service listens", "paths are the routes' matter")
        }
        return address
    }

    /// No browser's request fits in less.
    private static let leastHeader = 1 << 10
}

extension Address {
    /// It listens on a port that the system chooses, another one each time.
    fileprivate var hasFreePort: Bool {
        if case .webSocketListen(_, let host, _) = self { host.port == 0 } else { false }
    }
}
