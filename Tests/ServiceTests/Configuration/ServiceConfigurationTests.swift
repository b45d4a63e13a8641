// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import RelayCore
import Testing

@testable import Service

@Suite("Configuration")
struct ServiceConfigurationTests {
    private static let least: [Setting] = [.option("listen", ["ws://:0"]), .option("route", ["/=echo:"])]

    private static func text(_ key: String, _ text: String, line: Int) -> Setting {
        let place = SettingPlace.file("f", line: line)
        return Setting(
            key: key,
            values: [Setting.Value(content: .text(text), place: place)],
            isList: false,
            place: place
        )
    }

    private static func route(_ settings: [Setting], line: Int) -> Setting {
        let place = SettingPlace.file("f", line: line)
        let value = Setting.Value(content: .settings(settings), place: place)
        return Setting(key: "route", values: [value], isList: true, place: place)
    }

    @Test
    func itBeginsWithTheDefaultsOfTheRelay() throws {
        let configuration = try ServiceConfiguration(Self.least)
        #expect(configuration.listeners.map(\.description) == ["ws://127.0.0.1:0/"])
        #expect(configuration.routes.map(\.name) == ["/"])
        #expect(configuration.maxLinks == 10_000)
        #expect(configuration.maxLinksPerSource == 0)
        #expect(configuration.maxHandshakeRate == 0)
        #expect(configuration.linkOptions.handshakeTimeout == .seconds(10))
        #expect(configuration.routes[0].settings.bounds == LinkBounds())
    }

    @Test
    func theLastValueCountsAndListsGrow() throws {
        let settings =
            Self.least + [
                Self.text("max-links", "5", line: 1), .option("max-links", ["6"]), .option("allow", ["10.0.0.0/8:22"]),
                Self.text("allow", "192.0.2.1:22", line: 2), Self.text("listen", "unix:/s", line: 3),
            ]
        let configuration = try ServiceConfiguration(settings)
        #expect(configuration.maxLinks == 6)
        #expect(configuration.allowed.count == 2)
        #expect(configuration.listeners.count == 2)
    }

    @Test(arguments: [
        ([("compressed", "true")], 12), ([("compressed", "true"), ("compress-window", "9")], 9),
        ([("compress-window", "15")], nil), ([("compressed", "true"), ("compressed", "false")], nil),
    ])
    func compressionIsWantedByOneKeyAndSizedByAnother(settings: [(String, String)], bits: Int?) throws {
        let settings = settings.map { Setting.option($0.0, [$0.1]) }
        let configuration = try ServiceConfiguration(Self.least + settings)
        #expect(configuration.linkOptions.compressionWindow?.bits == bits)
        #expect(configuration.dialOptions.compressionWindow?.bits == bits)
    }

    @Test(arguments: [("0", nil), ("2s", Duration.seconds(2))])
    func retriesAreThoseOfTheRelay(delay: String, expected: Duration?) throws {
        let settings: [Setting] = [
            .option("retry", ["3"]), .option("retry-delay", [delay]), .option("retry-max-time", ["1m"]),
            .option("max-frame", ["1k"]),
        ]
        let options = try ServiceConfiguration(Self.least + settings).dialOptions
        #expect(options.retry.count == 3)
        #expect(options.retry.delay == expected)
        #expect(options.retry.maxTime == .seconds(60))
        #expect(options.frameLimit == 1024)
    }

    @Test
    func aRouteHasItsOwnValuesAndElseThoseOfTheService() throws {
        let settings = [
            Self.text("listen", "wss://h:443/", line: 1), .option("cert", ["c.pem"]),
            Self.route(
                [
                    Self.text("path", "/a", line: 3), Self.text("to", "echo:", line: 4),
                    Self.text("idle-timeout", "0", line: 5),
                ],
                line: 3
            ),
            Self.route(
                [
                    Self.text("path", "/b", line: 6), Self.text("to", "echo:", line: 7),
                    Self.text("max-links", "3", line: 8),
                ],
                line: 6
            ),
            Self.text("idle-timeout", "5m", line: 9), Self.text("max-rate", "64k", line: 10),
            Self.text("max-links-per-route", "9", line: 11), Self.text("max-life", "1h", line: 12),
        ]
        let configuration = try ServiceConfiguration(settings)
        let (first, second) = (configuration.routes[0].settings, configuration.routes[1].settings)
        #expect(first.bounds == LinkBounds(idleTime: nil, life: .seconds(3600), bytesPerSecond: 65_536))
        #expect(second.bounds == LinkBounds(idleTime: .seconds(300), life: .seconds(3600), bytesPerSecond: 65_536))
        #expect(first.maxLinks == 9)
        #expect(second.maxLinks == 3)
    }

    @Test(arguments: [
        ("listen", "tcp:h:1"), ("listen", "ws://h:1/path"), ("listen", "ws:"), ("listen", "8080"), ("route", "/a"),
        ("route", "a=echo:"), ("route", "/a=nothing"), ("route", "/=echo:"), ("allow", "10.0.0.0/8"),
        ("max-links", "many"),
        ("max-links", "-1"), ("max-links", ""), ("max-links", "9999999999"), ("max-links-per-source", "x"),
        ("max-handshake-rate", "1.5"), ("handshake-timeout", "0"), ("handshake-timeout", "soon"),
        ("idle-timeout", "-1s"),
        ("max-rate", "fast"), ("max-header", "100"), ("from", "localhost"), ("origin", "app.example"), ("users", ""),
        ("path", "/x"), ("to", "echo:"), ("nothing", "1"), ("cert", ""),
        ("compressed", "yes"), ("compress-window", "8"), ("compress-window", "16"), ("max-frame", "1023"),
        ("retry", "-1"), ("retry-delay", "soon"),
    ])
    func aWrongValueIsNamedWithPlaceAndKey(key: String, text: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try ServiceConfiguration(Self.least + [Self.text(key, text, line: 7)])
        }
        #expect(error.map { "\($0)".hasPrefix("f:7: \(key): ") } == true)
        let asOption = #expect(throws: ConfigurationError.self) {
            try ServiceConfiguration(Self.least + [.option(key, [text])])
        }
        #expect(asOption.map { "\($0)".hasPrefix("--\(key): ") } == true)
    }

    @Test
    func aWrongKeyOfARouteIsNamedWithItsLine() {
        let route = Self.route(
            [
                Self.text("path", "/a", line: 3), Self.text("to", "echo:", line: 4),
                Self.text("listen", "ws://:1", line: 5),
            ],
            line: 3
        )
        let error = #expect(throws: ConfigurationError.self) { try ServiceConfiguration(Self.least + [route]) }
        #expect(error?.place == .file("f", line: 5))
        #expect(error?.key == "listen")
    }

    @Test
    func whatIsMissingIsSaid() {
        for settings in [
            [], [Setting.option("listen", ["ws://:0"])], [.option("route", ["/=echo:"])],
            [.option("listen", ["wss://:0"]), .option("route", ["/=echo:"])], Self.least + [.option("key", ["k"])],
            Self.least + [.option("client-name", ["DNS:a"])],
        ] {
            #expect(throws: ConfigurationError.self) { try ServiceConfiguration(settings) }
        }
    }

    @Test
    func anAddressIsListenedOnOnce() {
        let settings: [Setting] = [.option("listen", ["ws://h:1", "ws://h:1/"]), .option("route", ["/=echo:"])]
        #expect(throws: ConfigurationError.self) { try ServiceConfiguration(settings) }
    }
}
