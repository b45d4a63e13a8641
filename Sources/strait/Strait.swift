// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import Glibc
import Logging

/// The program: arguments in, exit status out.
@main
enum Strait {
    /// Not `async`: the start of the concurrency runtime is Dispatch's, and what must come before has its place here.
    static func main() {
        InheritedDescriptors.takeOver()
        // A closed pipe is an error of the write to it, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // It asks for statistics, as soon as there are any; it never ends the process. Threads inherit that.
        var asked = sigset_t()
        sigemptyset(&asked)
        sigaddset(&asked, SIGUSR1)
        pthread_sigmask(SIG_BLOCK, &asked, nil)
        // Programs ask this, too, and need not wait for the parser, which takes longer than the rest.
        if CommandLine.arguments.dropFirst() == ["--version"] {
            print(Version.current)
            Self.exit(.success)
        }
        if let script = CompletionScript.text(askedForBy: Array(CommandLine.arguments.dropFirst())) {
            print(script)
            Self.exit(.success)
        }
        let (type, arguments) = Commands.command(of: Array(CommandLine.arguments.dropFirst()))
        let command: any Command
        do {
            command = try type.checked(arguments)
        } catch {
            Self.exit(after: error, of: type)
        }
        if command is ServeCommand { _ = ServiceManager.current }
        StderrLog.install(silent: command.output.silent, verbosity: command.output.verbose)
        do throws(EndpointError) {
            try Self.requireDescriptors(for: command)
        } catch {
            Logger(label: type.name).error("start: \(error)")
            Self.exit(ExitStatus(opening: error))
        }
        Task.detached { Self.exit(await command.perform()) }
        while true { pause() }
    }

    /// Ends the process, leaving inherited descriptors as they were found.
    static func exit(_ status: ExitStatus) -> Never {
        InheritedDescriptors.restore()
        PasswordPrompt.restore()
        fflush(nil)
        // Not exit(3): its handlers would take OpenSSL down under the threads that still run.
        _exit(status.rawValue)
    }

    /// Call it before the first thread of Dispatch and NIO starts: neither survives being out of descriptors, and what
    /// this takes for a moment would be missing to a thread that starts meanwhile.
    private static func requireDescriptors(for command: any Command) throws(EndpointError) {
        try FreeDescriptors.require(Self.descriptorsOfDispatch + command.loopCount * EventLoops.descriptorsOfALoop)
    }

    /// Its epoll and event descriptors, a timer for each clock, one for each signal, and one to spare.
    private static let descriptorsOfDispatch = 11

    /// Help and version go to stdout; what is wrong with the arguments is one line on stderr.
    private static func exit(after error: any Error, of command: any Command.Type) -> Never {
        guard command.exitCode(for: error) != .success else {
            print(command.fullMessage(for: error))
            Self.exit(.success)
        }
        let message = UsageMessage(command.message(for: error))
        StderrLog.write("strait: usage: \(message) (see \(command.name) --help)\n")
        Self.exit(.usage)
    }
}
