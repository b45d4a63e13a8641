// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Service

@Suite("The configuration file")
struct ConfigurationFileTests {
    private static func configuration(_ text: String) throws -> ServiceConfiguration {
        try ServiceConfiguration(try ConfigurationFile.settings(Array(text.utf8), name: "f"))
    }

    private static func error(_ text: String) -> String {
        let error = #expect(throws: ConfigurationError.self) { try Self.configuration(text) }
        return error.map { "\($0)" } ?? ""
    }

    @Test
    func keysListsAndRoutesAreRead() throws {
        let configuration = try Self.configuration(
            """
            # Where it listens.
            listen:
              - ws://0.0.0.0:8080
              - unix:/run/strait.sock
            max-links: 500
            idle-timeout: 5m
            allow: 10.0.0.0/8:22
            route:
              - path: /ssh
                to: tcp:127.0.0.1:22
                max-links: 5
              - path: "/tcp/{host}/{port}"
                to: "tcp:{host}:{port}"
                from: [10.0.0.0/8, unix]
                idle-timeout: 0
              - "/echo=echo:"
            """
        )
        #expect(configuration.listeners.count == 2)
        #expect(configuration.routes.map(\.name) == ["/ssh", "/tcp/{host}/{port}", "/echo"])
        #expect(configuration.maxLinks == 500)
        #expect(configuration.allowed.count == 1)
        #expect(configuration.routes.map(\.settings.maxLinks) == [5, 0, 0])
        #expect(configuration.routes.map(\.settings.bounds.idleTime) == [.seconds(300), nil, .seconds(300)])
        #expect(configuration.routes[1].settings.access.sources.count == 2)
    }

    @Test(arguments: [
        ("listen: ws://:0\n\nmax-link: 5\n", "f:3: max-link: no such key"),
        ("listen: ws://:0\nmax-links: no\n", "f:2: max-links: \"no\" is no number"),
        ("max-links:\n  - 1\n  - 2\n", "f:1: max-links: a list"),
        ("listen:\n  - ws://:0\n  - http://:0\n", "f:3: listen: http://:0 is no address to listen on"),
        ("route:\n  - path: /a\n    to: 'echo:'\n    listen: x\n", "f:4: listen: no such key of a route"),
        ("route:\n  - to: 'echo:'\n", "f:2: route: a route without path"),
        ("route:\n  - path: /a\n", "f:2: route: a route without to"),
        ("route:\n  - path: /a\n    to: tcp:h\n", "f:3: route: tcp:h: no port"),
        ("route:\n  - path: a\n    to: 'echo:'\n", "f:2: route: a: no path"),
        ("route: {path: /a, to: 'echo:'}\n", "no address to listen on"),
        ("max-links: 1\nmax-links: 2\n", "f:2: max-links: the key is there twice"),
        ("from:\n  10.0.0.0/8: x\n", "f:2: from: keys in place of a value"),
        ("a: b: c\n", "f:1: not YAML: mapping values are not allowed"), ("listen: [a\n", "not YAML"),
        ("\tlisten: a\n", "f:1: not YAML"), ("- a\n", "f:1: no keys"), ("text\n", "f:1: no keys"),
        ("max-links: &a 5\n", "f:1: an anchor"), ("max-links: *a\n", "f:1: an alias"),
        ("max-links: !!int 5\n", "f:1: a tag"),
        ("max-links: 5\n---\nmax-links: 6\n", "f:2: a second document"), ("[a]: b\n", "a key that is no text"),
        ("from: [[a]]\n", "f:1: a list in a list"), ("a: [[[[[[[[[[[b]]]]]]]]]]]\n", "f:1: nested too deeply"),
    ])
    func aWrongLineIsNamed(text: String, message: String) {
        let error = Self.error(text)
        #expect(error.contains(message), "\(error)")
    }

    @Test
    func anEmptyFileHasNoSettings() throws {
        #expect(try ConfigurationFile.settings([], name: "f").isEmpty)
        #expect(try ConfigurationFile.settings(Array("# nothing\n".utf8), name: "f").isEmpty)
    }

    @Test
    func bytesThatAreNoTextAreRefused() {
        for bytes: [UInt8] in [[0xFF], [0x61, 0x3A, 0x20, 0x00], [0xC3], Array(repeating: 0x5B, count: 100_000)] {
            #expect(throws: ConfigurationError.self) { try ConfigurationFile.settings(bytes, name: "f") }
        }
    }

    @Test
    func aFileThatIsNotThereIsNamed() {
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationFile.settings("/nowhere/strait.yaml") }
        #expect(error.map { "\($0)" } == "--config: /nowhere/strait.yaml: No such file or directory (check the path)")
    }
}
