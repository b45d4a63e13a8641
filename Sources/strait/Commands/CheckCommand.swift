// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import Glibc
import Logging
import RelayCore
import WebSocketCore

/// `strait check`: tells why a tunnel does not work, and what to change.
struct CheckCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "strait check",
        abstract: "Try a WebSocket out: whether a relay works there, and if not, why.",
        usage: "strait check [options] URL",
        discussion: """
            Goes through name, connection, proxy, TLS, handshake, a Ping, half-close,
            message sizes, silence (--idle), Close and compression, and says what was
            seen and what to change. It takes the options that the relay would get.
            Messages hold line feeds, which most services take for nothing.

            EXAMPLES:
              strait check wss://gw.example/ssh
              strait check --idle 120s --json wss://gw.example/ssh

            EXIT STATUS:
              0 a relay works, 64 usage, 68 name not found, 69 not connected,
              74 it would break, 76 wrong protocol, 77 refused
            """,
        version: Version.current
    )

    @Argument(
        help: ArgumentHelp("What to check: ws://, wss:// or ws+unix:, as for the relay.", valueName: "URL")
    )
    var url: String

    @OptionGroup
    var dialing: DialingOptions

    @Option(help: ArgumentHelp("Send messages that grow up to this; 0 none.", valueName: "size"))
    var maxSize = ByteSize(1 << 20)

    @Option(help: ArgumentHelp("Stay silent this long, then see whether a Ping is answered.", valueName: "time"))
    var idle = TimeSpan(.zero)

    @Option(help: ArgumentHelp("The relay's, to judge what silence does; 0 never.", valueName: "time"))
    var pingInterval = TimeSpan(.seconds(30))

    @Option(help: ArgumentHelp("How long a Pong may take.", valueName: "time"))
    var pingTimeout = TimeSpan(.seconds(30))

    @OptionGroup
    var frames: FrameOptions

    @OptionGroup(title: "Compression")
    var compression: CompressionOptions

    @Flag(help: "One JSON object instead of the table.")
    var json = false

    @OptionGroup(title: "Traces")
    var traces: TraceOptions

    @OptionGroup
    var output: OutputOptions

    var loopCount: Int { 1 }

    func check() throws {
        _ = try self.address()
        if self.maxSize.bytes > Self.largestSize {
            throw ValidationError("--max-size is over \(Self.largestSize.byteSizeDescription)")
        }
        if self.pingTimeout.duration == .zero { throw ValidationError("--ping-timeout needs a time over 0") }
    }

    func perform() async -> ExitStatus {
        guard let address = try? self.address() else { return .usage }
        var options = LinkOptions()
        do throws(DiagnosticFile.OpeningFailure) {
            try self.traces.open(for: &options)
        } catch {
            StderrLog.write("strait: \(error)\n")
            return .usage
        }
        do {
            try self.dialing.apply(to: &options)
        } catch {
            Logger(label: Self.name).error("\(error)")
            return .usage
        }
        // A check pings when it wants to.
        options.pingInterval = .zero
        let settings = CheckSettings(
            largestMessage: self.maxSize.bytes,
            silence: self.idle.duration,
            pingInterval: self.pingInterval.duration,
            pingTimeout: self.pingTimeout.duration,
            frameLimit: self.frames.maxFrame?.bytes,
            isCompressed: self.compression.compressed,
            window: self.compression.window ?? .small
        )
        let table = CheckTable(width: Self.terminalWidth)
        let isTable = !self.json
        if isTable { Self.say([CheckTable.headline]) }
        let checker = Checker(address, options, settings) { step in
            if isTable { Self.say(table.lines(of: step)) }
        }
        let report = await checker.run()
        Self.say(isTable ? ["", report.summary] : ["\(report.json)"])
        return report.status
    }

    private func address() throws -> Address {
        let address: Address
        do throws(AddressError) {
            address = try Address(self.url)
        } catch {
            throw ValidationError("\(error)")
        }
        guard address.isWebSocket, !address.isListening else {
            throw ValidationError("\(address) is no WebSocket to connect to; give ws://, wss:// or ws+unix:")
        }
        return address
    }

    /// At once, since the next step may take its time. That nobody reads is no failure of the check.
    private static func say(_ lines: [String]) {
        for line in lines { print(line) }
        fflush(nil)
    }

    private static var terminalWidth: Int {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return Int.max
        }
        return Int(size.ws_col)
    }

    /// The whole message is held in memory.
    private static let largestSize = 64 << 20
}
