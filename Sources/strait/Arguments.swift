// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import Glibc
import RelayCore

/// The command line.
struct Arguments: Command {
    static let configuration = CommandConfiguration(
        commandName: "strait",
        abstract: "Join a byte stream to a WebSocket, both ways, losing nothing.",
        usage: """
            strait [options] REMOTE         stdin/stdout <-> REMOTE
            strait [options] LOCAL REMOTE   LOCAL <-> REMOTE; a listening LOCAL
                                            makes a link for each connection
            strait check [options] URL      why a tunnel does not work
            strait serve [options]          many services behind one address
            """,
        discussion: """
            ADDRESSES:
              -, stdio:                      standard input and output
              ws://HOST[:PORT]/PATH, wss://…
                                             connect a WebSocket
              ws-listen:[HOST:]PORT[/PATH], wss-listen:…
                                             accept WebSockets
              tcp:HOST:PORT, tcp-listen:[HOST:]PORT
              unix:PATH, unix-listen:PATH    @NAME is abstract
              ws+unix:PATH:/URI, ws-unix-listen:PATH
                                             WebSocket over a Unix socket
              exec:PROGRAM ARG…, sh:COMMAND  a child's stdin and stdout
              echo:, discard:                for trying things out
              A listener without HOST binds 127.0.0.1; port 0 takes a free one.

            EXAMPLES:
              ssh -o ProxyCommand='strait wss://gw.example/ssh' host
              strait tcp-listen:5432 wss://gw.example/db
              strait ws-listen:8080/ssh tcp:127.0.0.1:22
              strait --cert gw.pem --key gw.key wss-listen:0.0.0.0:443/db \\
                unix:/run/postgresql/.s.PGSQL.5432

            Times take ms, s, m, h; a plain number means seconds. Sizes take k, m, g.

            EXIT STATUS:
              0 ended in order, 64 usage, 68 name not found, 69 not connected,
              74 broken, 76 wrong protocol, 77 refused, 129-131 and 143 signals
            """,
        version: Version.current
    )

    @Argument(
        help: ArgumentHelp(
            "One end of the link, and the other. With one address, LOCAL is stdio.",
            valueName: "address"
        )
    )
    var addresses: [String] = []

    @OptionGroup
    var dialing: DialingOptions

    @OptionGroup(title: "Messages")
    var messages: MessageOptions

    @Option(
        help: ArgumentHelp(
            "After the end of input, wait this long for a silent peer without half-close; 0 sends Close at once.",
            valueName: "time"
        )
    )
    var linger = TimeSpan(.seconds(30))

    @Option(
        help: ArgumentHelp(
            "Pings and Pongs read in a second from a peer; more wait. 0 any number.",
            valueName: "number"
        )
    )
    var maxControlRate = 100_000

    @Option(help: ArgumentHelp("Links of a listener at a time; more are refused. 0 any number.", valueName: "number"))
    var maxLinks = 10_000

    @Option(help: ArgumentHelp("Ping a WebSocket peer that is silent this long; 0 never.", valueName: "time"))
    var pingInterval = TimeSpan(.seconds(30))

    @Option(help: ArgumentHelp("Give it up after this much more silence.", valueName: "time"))
    var pingTimeout = TimeSpan(.seconds(30))

    @OptionGroup(title: "PROXY protocol")
    var proxyProtocol: ProxyProtocolArguments

    @OptionGroup(title: "Compression")
    var compression: CompressionOptions

    @Flag(help: "Bytes, rate and time each way, on stderr.")
    var progress = false

    @OptionGroup(title: "Traces")
    var traces: TraceOptions

    @OptionGroup
    var output: OutputOptions

    /// LOCAL and REMOTE.
    func link() throws -> (local: Address, remote: Address) {
        let parsed = try self.addresses.map { text in
            do throws(AddressError) {
                return try Address(text)
            } catch {
                guard Commands.named[text] == nil else {
                    throw ValidationError("\(text) is a command, and commands come first: strait \(text) ...")
                }
                throw ValidationError("\(error)")
            }
        }
        switch parsed.count {
        case 1: return (.standardStreams, parsed[0])
        // One pair of streams makes one link, whichever side it stands on.
        case 2 where parsed[0].isListening && parsed[1] == .standardStreams: return (parsed[1], parsed[0])
        case 2: return (parsed[0], parsed[1])
        case 0: throw ValidationError("no address; give REMOTE, or LOCAL and REMOTE")
        default:
            throw ValidationError("\(parsed.count) addresses; give REMOTE, or LOCAL and REMOTE: \(self.addresses[2])")
        }
    }

    func check() throws {
        let link = try self.link()
        let needsCertificate = link.local.needsCertificate || link.remote.needsCertificate
        if link.local.isListening, link.remote.isListening {
            throw ValidationError(
                "LOCAL and REMOTE both listen: \(self.addresses.joined(separator: " ")); one must connect"
            )
        }
        if link.local == .standardStreams, link.remote == .standardStreams {
            throw ValidationError("LOCAL and REMOTE are both stdio; give another address")
        }
        let ends = [link.local, link.remote]
        let isFramed =
            ends.contains(where: \.isWebSocket) && ends.allSatisfy { $0.carriesMessages(inStandardStreams: true) }
        if let option = self.messages.modeOption, !isFramed {
            throw ValidationError(
                "\(option) needs a WebSocket on one side, and stdio, echo: or a WebSocket on the other"
            )
        }
        if let option = self.messages.needsStandardStreams, !ends.contains(.standardStreams) {
            throw ValidationError("\(option) needs stdio on one side")
        }
        if self.maxControlRate < 0 { throw ValidationError("--max-control-rate is negative; 0 means any number") }
        if self.pingTimeout.duration == .zero {
            throw ValidationError("--ping-timeout needs a time over 0 (--ping-interval 0 sends no Pings)")
        }
        if self.maxLinks < 0 { throw ValidationError("--max-links is negative; 0 means any number") }
        try self.proxyProtocol.check(local: link.local, remote: link.remote)
        if needsCertificate, self.dialing.tls.cert == nil {
            throw ValidationError("wss-listen needs --cert and --key (one file may hold both)")
        }
    }

    /// What endpoints need of all this.
    func linkOptions() throws -> LinkOptions {
        let link = try self.link()
        var options = LinkOptions()
        try self.dialing.apply(to: &options)
        try self.proxyProtocol.apply(to: &options)
        self.compression.apply(to: &options)
        options.linger = self.linger.duration
        options.controlFrameRate = self.maxControlRate
        options.pingInterval = self.pingInterval.duration
        options.pingTimeout = self.pingTimeout.duration
        let isTerminal = link.local == .standardStreams && isatty(STDIN_FILENO) == 1 && link.remote.isWebSocket
        self.messages.apply(to: &options, isTerminal: isTerminal)
        return options
    }
}
