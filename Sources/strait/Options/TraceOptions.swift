// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import Logging

/// Files that show what happens at WebSockets.
struct TraceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "All steps, heads and frames, in hexadecimal, too; % is stderr. Secret header fields are blackened.",
            valueName: "file"
        ),
        completion: .file()
    )
    var trace: String?

    @Option(help: ArgumentHelp("The same without hexadecimal.", valueName: "file"), completion: .file())
    var traceAscii: String?

    @Flag(help: "The time of day in each line of --trace and --trace-ascii.")
    var traceTime = false

    @Option(
        help: ArgumentHelp("Decrypted bytes as packets, for Wireshark; the server's port is 80.", valueName: "file"),
        completion: .file()
    )
    var pcap: String?

    func validate() throws {
        if self.trace != nil, self.traceAscii != nil {
            throw ValidationError("--trace and --trace-ascii exclude each other")
        }
        for (option, file) in [("--trace", self.trace), ("--trace-ascii", self.traceAscii), ("--pcap", self.pcap)] {
            guard let file else { continue }
            if file == "-" {
                throw ValidationError("\(option) -: stdout is for relayed bytes; give a file, or % for stderr")
            }
            if file.isEmpty { throw ValidationError("\(option) needs a file") }
        }
        if self.pcap == "%" { throw ValidationError("--pcap %: packets are no text; give a file") }
        if self.traceTime, self.trace == nil, self.traceAscii == nil {
            throw ValidationError("--trace-time needs --trace or --trace-ascii")
        }
    }

    /// Opens the files; loggers that are made from then on tell the trace, too.
    func open(for options: inout LinkOptions) throws(DiagnosticFile.OpeningFailure) {
        let log = Logger(label: "strait")
        if let path = self.trace ?? self.traceAscii {
            let option = self.trace == nil ? "--trace-ascii" : "--trace"
            let file = try DiagnosticFile(option: option, path: path, log: log)
            let trace = Trace(file, hasHex: self.trace != nil, hasTime: self.traceTime)
            options.trace = trace
            StderrLog.attach(trace)
        }
        if let pcap {
            options.capture = PacketCapture(try DiagnosticFile(option: "--pcap", path: pcap, log: log))
        }
    }
}
