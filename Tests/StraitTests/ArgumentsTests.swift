// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import RelayCore
import Testing

@testable import Endpoints
@testable import strait

@Suite("Command line")
struct ArgumentsTests {
    private static func options(_ words: String...) throws -> LinkOptions {
        try Arguments.checked(words + ["-", "ws://h/"]).linkOptions()
    }

    private static func error(_ words: [String]) -> String? {
        do {
            _ = try Arguments.checked(words)
            return nil
        } catch {
            #expect(Arguments.exitCode(for: error) != .success)
            return Arguments.message(for: error)
        }
    }

    // MARK: Addresses

    @Test func withOneAddressLocalIsStandardStreams() throws {
        let link = try Arguments.checked(["tcp:h:1"]).link()
        #expect(link.local == .standardStreams)
        #expect(link.remote == .tcp(HostAndPort("h", 1)))
    }

    @Test func twoAddressesAreLocalAndRemote() throws {
        let link = try Arguments.checked(["tcp-listen:1", "echo:"]).link()
        #expect(link.local == .tcpListen(HostAndPort("127.0.0.1", 1)))
        #expect(link.remote == .echo)
    }

    @Test func aDashIsAnAddressAndNoOption() throws {
        // A listener in front of one pair of streams can have one client only, as if it stood behind.
        #expect(try Arguments.checked(["ws-listen:1", "-"]).link().local == .standardStreams)
        let link = try Arguments.checked(["-", "ws://h/"]).link()
        #expect(link.local == .standardStreams)
        #expect(try Arguments.checked(["ws://h/", "-"]).link().remote == .standardStreams)
    }

    @Test func optionsMayStandBehindAddresses() throws {
        #expect(try Arguments.checked(["tcp:h:1", "ws://h/", "-k"]).linkOptions().tls.isInsecure)
        #expect(try Arguments.checked(["-k", "--", "tcp:h:1", "ws://h/"]).linkOptions().tls.isInsecure)
    }

    @Test(
        arguments: [
            ([], "no address"), (["echo:", "echo:", "tcp:h:3"], "3 addresses"),
            (["echo:", "echo:", "tcp:h:3"], "tcp:h:3"),
            (["foo"], "foo: no such address"), (["tcp:h:0"], "\"0\" is not a port"), (["-"], "both stdio"),
            (["-", "stdio:"], "both stdio"), (["ws://h/", "--protocol", "a b"], "\"a b\" is no name"),
            (["ws://h/", "--protocol", "a,b,a"], "names one twice"), (["ws://h/", "--ping-timeout", "0"], "over 0"),
            (["echo:x"], "something behind echo:"), (["discard:x"], "something behind"),
            (["stdio:x", "echo:"], "use stdio: alone"),
            (["tcp-listen:1", "ws-listen:2"], "LOCAL and REMOTE both listen: tcp-listen:1 ws-listen:2"),
        ] as [([String], String)]
    )
    func namesTheAddressThatIsWrong(words: [String], message: String) {
        #expect(Self.error(words)?.contains(message) == true, "\(Self.error(words) ?? "no error")")
    }

    @Test func anErrorHasNoCredentials() {
        #expect(Self.error(["ws://user:secret@h:0/"])?.contains("secret") == false)
    }

    // MARK: Conflicts

    @Test(
        arguments: [
            (["--text", "--binary"], ["--text", "--binary"]), (["-t", "--binary"], ["--text", "--binary"]),
            (["-46"], ["-4", "-6"]),
            (["-4", "-6"], ["-4", "-6"]), (["--key", "f"], ["--key", "--cert"]), (["--user", "a\nb"], ["--user"]),
            (["--user", "a\u{7F}"], ["--user"]), (["-H", "x"], ["-H", "NAME: VALUE"]),
            (["--linger", "x"], ["--linger"]),
            (["--connect-timeout", "-1"], ["--connect-timeout"]), (["--ping-interval", "1d"], ["--ping-interval"]),
            (["--ping-timeout", ""], ["--ping-timeout"]), (["--no-such-option"], ["--no-such-option"]),
        ] as [([String], [String])]
    )
    func anErrorNamesEachOptionItIsAbout(options: [String], named: [String]) throws {
        let error = try #require(Self.error(options + ["tcp:h:1", "ws://h/"]))
        for name in named { #expect(error.contains(name)) }
    }

    @Test(arguments: [["wss-listen:1", "echo:"], ["echo:", "wss-listen:1"], ["wss-listen:1", "--key", "k", "echo:"]])
    func listeningWithTLSNeedsACertificate(words: [String]) throws {
        let error = try #require(Self.error(words))
        #expect(error.contains("--cert"))
        #expect(error.contains("--key"))
    }

    @Test func aKeyMayBeInTheFileOfItsCertificate() throws {
        let options = try Arguments.checked(["--cert", "c.pem", "wss-listen:1", "echo:"]).linkOptions()
        #expect(options.tls.identity?.certificateFile == "c.pem")
        #expect(options.tls.identity?.keyFile == nil)
    }

    @Test(arguments: [
        ["--text"], ["--binary"], ["-4"], ["-6"], ["--cert", "c", "--key", "k"], ["-v"], ["-vv"], ["-s"],
    ])
    func oneOfEachPairIsFine(options: [String]) {
        #expect(Self.error(options + ["-", "ws://h/"]) == nil)
    }

    @Test func textIsForMessagesOnBothSides() {
        #expect(Self.error(["--text", "ws-listen:1", "echo:"]) == nil)
        #expect(Self.error(["--text", "tcp:h:1", "ws://h/"])?.contains("--text") == true)
        #expect(Self.error(["--text", "-", "tcp:h:1"])?.contains("--text") == true)
    }

    // MARK: Options

    @Test func defaultsAreThoseOfTheManual() throws {
        let options = try Self.options()
        #expect(options.linger == .seconds(30))
        #expect(options.opening.whole == .seconds(30))
        #expect(options.pingInterval == .seconds(30))
        #expect(options.pingTimeout == .seconds(30))
        #expect(options.request.headers.isEmpty)
        #expect(options.request.authorization == nil)
        #expect(options.request.redirectLimit == nil)
        #expect(options.subprotocols == [])
        #expect(!options.tls.isInsecure)
        #expect(options.tls.authorityFile == nil)
        #expect(options.tls.identity == nil)
        #expect(options.family == .any)
        #expect(!options.keepsMessages)
    }

    @Test func timesReachTheirOptions() throws {
        let options = try Self.options(
            "--linger",
            "0",
            "--connect-timeout",
            "500ms",
            "--ping-interval",
            "1m",
            "--ping-timeout",
            "2.5"
        )
        #expect(options.linger == .zero)
        #expect(options.opening.whole == .milliseconds(500))
        #expect(options.pingInterval == .seconds(60))
        #expect(options.pingTimeout == .milliseconds(2500))
    }

    /// As with curl.
    @Test func aConnectTimeoutOfZeroIsTheDefault() throws {
        #expect(try Self.options("--connect-timeout", "0").opening.whole == .seconds(30))
    }

    @Test func stepsHaveNoLimitOfTheirOwnUnlessItIsGiven() throws {
        let none = try Self.options().opening
        let steps: [OpeningLimit] = [.name, .connection, .tls, .handshake]
        for step in steps { #expect(none[step] == nil) }
        let given = try Self.options(
            "--name-timeout",
            "1",
            "--tcp-timeout",
            "2",
            "--tls-timeout",
            "3",
            "--handshake-timeout",
            "4"
        )
        #expect(steps.map { given.opening[$0] } == [1, 2, 3, 4].map { .seconds($0) })
        #expect(given.handshakeTimeout == .seconds(4))
        #expect(try Self.options().handshakeTimeout == .seconds(10))
    }

    @Test(arguments: ["--name-timeout", "--tcp-timeout", "--tls-timeout", "--handshake-timeout"])
    func aStepNeedsSomeTime(option: String) {
        #expect(Self.error([option, "0", "-", "ws://h/"])?.contains(option) == true)
        #expect(Self.error([option, "1ms", "-", "ws://h/"]) == nil)
    }

    @Test func headersKeepTheirOrder() throws {
        let headers = try Self.options("-H", "A: 1", "--header", "B:2", "-H", "A: 3").request.headers
        #expect(
            headers == [.set(name: "A", value: "1"), .set(name: "B", value: "2"), .set(name: "A", value: "3")]
        )
    }

    @Test(
        arguments: [
            (["--protocol", "a"], ["a"]), (["--protocol", "a,b"], ["a", "b"]), (["--protocol", "a, b"], ["a", "b"]),
            (["--protocol", "a , b "], ["a", "b"]), (["--protocol", "a", "--protocol", "b,c"], ["a", "b", "c"]),
            (["--protocol", ",a,,"], ["a"]),
        ] as [([String], [String])]
    )
    func subprotocolsAreSeparatedByCommas(words: [String], expected: [String]) throws {
        #expect(try Arguments.checked(words + ["tcp:h:1", "ws://h/"]).linkOptions().subprotocols == expected)
    }

    @Test func theRestReachesItsOption() throws {
        let options = try Self.options("-u", "me:pw", "--cacert", "ca", "--cert", "c", "--key", "k", "-6", "-k", "-t")
        #expect(options.request.authorization == .basic("me:pw"))
        #expect(options.tls.authorityFile == "ca")
        #expect(options.tls.identity?.certificateFile == "c")
        #expect(options.tls.identity?.keyFile == "k")
        #expect(options.family == .ipv6)
        #expect(options.tls.isInsecure)
        #expect(options.keepsMessages)
        #expect(try Self.options("-4").family == .ipv4)
    }

    @Test func binaryWinsOverATerminal() throws {
        #expect(try !Arguments.checked(["--binary", "ws://h/"]).linkOptions().keepsMessages)
    }

    @Test(
        arguments: [
            ("-t", MessageFormat()), ("-0", MessageFormat(boundary: .null)),
            ("-0 --binary", MessageFormat(isText: false, boundary: .null)),
            ("--base64", MessageFormat(isText: false, isBase64: true)),
            ("-t --base64", MessageFormat(isBase64: true)),
            ("-1", MessageFormat(isText: false, boundary: .endOfStream)),
            ("-t1", MessageFormat(boundary: .endOfStream)),
            ("-0 --base64", MessageFormat(isText: false, boundary: .null, isBase64: true)),
        ]
    )
    func messagesHaveTheFormatThatWasAskedFor(options: String, format: MessageFormat) throws {
        let words = options.split(separator: " ").map(String.init)
        #expect(try Arguments.checked(words + ["ws-listen:0", "-"]).linkOptions().messages == format)
    }

    @Test func bytesHaveNone() throws {
        #expect(try Self.options().messages == nil)
        #expect(try Arguments.checked(["--binary", "-", "ws://h/"]).linkOptions().messages == nil)
    }

    @Test(arguments: [
        (["-0", "-1"], "--null and --one-message"), (["--max-frame", "1023"], "--max-frame"),
        (["--close-code", "999"], "--close-code"), (["--close-code", "1005"], "--close-code"),
        (["--close-code", "5000"], "--close-code"),
        (["--close-reason", String(repeating: "x", count: 124)], "--close-reason"),
        (["--compress-window", "8"], "--compress-window"), (["--compress-window", "16"], "--compress-window"),
    ])
    func whatMessagesCantBeIsSaid(options: [String], named: String) {
        #expect(Self.error(options + ["-", "ws://h/"])?.contains(named) == true)
    }

    @Test(arguments: [
        ["--max-frame", "1k"], ["--max-frame", "0"], ["--close-code", "4999"], ["--close-code", "3000"],
        ["--close-reason", String(repeating: "x", count: 123)], ["--compress-window", "9"],
        ["--compressed", "--compress-window", "15"], ["--print-close"],
    ])
    func theBoundsOfMessagesAreFine(options: [String]) {
        #expect(Self.error(options + ["-", "ws://h/"]) == nil)
    }

    @Test(arguments: ["--null", "--one-message", "--base64"])
    func formatsNeedStandardStreams(option: String) {
        #expect(Self.error([option, "ws-listen:1", "echo:"])?.contains(option) == true)
        #expect(Self.error([option, "-", "tcp:h:1"])?.contains(option) == true)
        #expect(Self.error([option, "-", "ws-listen:1"]) == nil)
    }

    @Test func verbosityCounts() throws {
        #expect(try Arguments.checked(["echo:"]).output.verbose == 0)
        #expect(try Arguments.checked(["-v", "echo:"]).output.verbose == 1)
        #expect(try Arguments.checked(["-vv", "echo:"]).output.verbose == 2)
        #expect(try Arguments.checked(["--verbose", "-v", "echo:"]).output.verbose == 2)
    }

    // MARK: Help

    @Test func helpFitsATerminal() {
        let lines = Arguments.helpMessage(columns: 79).split(separator: "\n")
        #expect(lines.count > 20)
        for line in lines { #expect(line.count <= 79) }
    }

    @Test(arguments: ["--help", "-h", "--version"])
    func helpAndVersionAreNoErrors(word: String) {
        #expect(throws: (any Error).self) { try Arguments.checked([word]) }
        do {
            _ = try Arguments.checked([word])
        } catch {
            #expect(Arguments.exitCode(for: error) == .success)
            #expect(!Arguments.fullMessage(for: error).isEmpty)
        }
    }
}
