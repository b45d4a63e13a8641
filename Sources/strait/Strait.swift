// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import Glibc

/// The program: arguments in, exit status out.
@main
enum Strait {
    /// Not `async`: the start of the concurrency runtime is Dispatch's, and what must come before has its place here.
    static func main() {
        InheritedDescriptors.takeOver()
        // A closed pipe is an error of the write to it, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let arguments: Arguments
        do {
            arguments = try Arguments.parse()
        } catch {
            Self.exit(after: error)
        }
        StderrLog.install(silent: arguments.silent, verbosity: arguments.verbose)
        let relay = Relay(arguments)
        do throws(EndpointError) {
            try relay.requireDescriptors()
        } catch {
            relay.log.error("start: \(error)")
            Self.exit(ExitStatus(opening: error))
        }
        Task.detached { Self.exit(await relay.run()) }
        while true { pause() }
    }

    /// Ends the process, leaving inherited descriptors as they were found.
    static func exit(_ status: ExitStatus) -> Never {
        InheritedDescriptors.restore()
        fflush(nil)
        // Not exit(3): its handlers would take OpenSSL down under the threads that still run.
        _exit(status.rawValue)
    }

    /// Help and version go to stdout; what is wrong with the arguments is one line on stderr.
    private static func exit(after error: any Error) -> Never {
        guard Arguments.exitCode(for: error) != .success else {
            print(Arguments.fullMessage(for: error))
            Self.exit(.success)
        }
        let message = Arguments.message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
        StderrLog.write("strait: usage: \(message) (see strait --help)\n")
        Self.exit(.usage)
    }
}
