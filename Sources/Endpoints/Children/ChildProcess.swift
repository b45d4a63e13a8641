// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Logging
import NIOConcurrencyHelpers
import NIOCore
import RelayCore
import Subprocess
import SystemPackage

/// A child whose standard input and output are an end of a link; its standard error is ours.
///
/// `@unchecked Sendable` holds because all members are used on the link's event loop only.
public final class ChildProcess: @unchecked Sendable {
    private let name: String
    private let executor: EventLoopExecutor
    private let log: Logger
    private var process: ProcessIdentifier?
    private var status: TerminationStatus?
    private var started: CheckedContinuation<Void, any Error>?
    private var ended: CheckedContinuation<Void, Never>?
    private var outputEnd: CheckedContinuation<Void, Never>?
    private var hasOutputEnded = false
    /// It was told to end with its link.
    private var isTerminated = false

    /// How long after the end of its output a child may take to end, so that it counts as the end of both.
    private static let statusDelay = Duration.milliseconds(100)
    /// How long a child may live on once both its directions have ended, and after SIGTERM.
    private static let grace = (toEnd: Duration.seconds(5), afterTerminate: Duration.seconds(2))

    /// Two pipes, and with room to spare what Subprocess opens.
    private static let descriptorsOfAStart = 16

    private init(name: String, executor: EventLoopExecutor, log: Logger) {
        self.name = name
        self.executor = executor
        self.log = log
    }

    /// - Parameter environment: Variables besides those of this process.
    /// - Throws: `EndpointError.programFailed`.
    static func start(
        _ program: String,
        _ arguments: [String],
        environment: [String: String],
        name: String,
        on executor: EventLoopExecutor,
        log: Logger
    ) async throws -> any Endpoint {
        // Subprocess blocks its thread if it can't have what it needs to wait for the child.
        try FreeDescriptors.require(Self.descriptorsOfAStart)
        let input = try Self.pipe()
        let output: (readEnd: SystemPackage.FileDescriptor, writeEnd: SystemPackage.FileDescriptor)
        do {
            output = try Self.pipe()
        } catch {
            try? input.readEnd.close()
            try? input.writeEnd.close()
            throw error
        }
        let child = ChildProcess(name: name, executor: executor, log: log)
        do {
            try await child.spawn(
                program,
                arguments,
                environment,
                reading: input.readEnd,
                writing: output.writeEnd
            )
        } catch {
            // The child's ends are closed by then.
            try? input.writeEnd.close()
            try? output.readEnd.close()
            throw error
        }
        do {
            let sink = try await PipeStream.open(writing: input.writeEnd.rawValue, on: executor)
            let source = try await PipeStream.open(reading: output.readEnd.rawValue, on: executor)
            return ByteStreamEndpoint(
                name: name,
                source: source,
                sink: sink,
                outlivesItsInput: true,
                onEnd: { try await child.outputEnded() },
                onAbort: { reason in if reason != .failed, reason != .left { child.terminate() } },
                onClose: { await child.waitForEnd() }
            )
        } catch {
            child.signal(SIGKILL)
            throw error
        }
    }

    private static func pipe() throws -> (readEnd: SystemPackage.FileDescriptor, writeEnd: SystemPackage.FileDescriptor)
    {
        do throws(Errno) {
            return try SystemPackage.FileDescriptor.pipe(options: .closeOnExec)
        } catch {
            throw EndpointError.exhausted(reason: "no pipe for the program: \(error)")
        }
    }

    private func spawn(
        _ program: String,
        _ arguments: [String],
        _ environment: [String: String],
        reading: SystemPackage.FileDescriptor,
        writing: SystemPackage.FileDescriptor
    ) async throws {
        // What is secret to us is not the child's to know.
        let secrets: [Environment.Key: String?] = ["STRAIT_USER": nil, "STRAIT_BEARER": nil, "STRAIT_PASS": nil]
        let variables = environment.reduce(into: secrets) { $0[Environment.Key(stringLiteral: $1.key)] = $1.value }
        let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
        try await withCheckedThrowingContinuation { started in
            self.started = started
            Task.detached(executorPreference: self.executor) {
                do {
                    var options = PlatformOptions()
                    options.processGroupID = 0
                    let result = try await Subprocess.run(
                        executable,
                        arguments: Arguments(arguments),
                        environment: .inherit.updating(variables),
                        platformOptions: options,
                        input: .fileDescriptor(reading, closeAfterSpawningProcess: true),
                        output: .fileDescriptor(writing, closeAfterSpawningProcess: true),
                        error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
                    ) { execution in
                        self.hasStarted(execution.processIdentifier)
                    }
                    self.hasEnded(result.terminationStatus)
                } catch {
                    self.hasFailed(error, program)
                }
            }
        }
    }

    private func hasStarted(_ process: ProcessIdentifier) {
        self.process = process
        Self.running.withLockedValue { _ = $0.insert(process.value) }
        self.started?.resume()
        self.started = nil
    }

    private func hasEnded(_ status: TerminationStatus) {
        self.status = status
        if let process { Self.running.withLockedValue { _ = $0.remove(process.value) } }
        switch status {
        case .exited(0):
            break
        case .exited where self.isTerminated:
            break
        case .exited(let code):
            self.log.warning("\(self.name): the child exited with status \(code)")
        case .signaled(let signal):
            // Before the end of its output the link says so.
            if self.hasOutputEnded, !self.isTerminated {
                self.log.warning("\(self.name): the child was killed by signal \(signal)")
            }
        }
        self.outputEnd?.resume()
        self.outputEnd = nil
        self.ended?.resume()
        self.ended = nil
    }

    /// The end of its output may be that of a child that was killed; its status follows at once then.
    private func outputEnded() async throws {
        if self.status == nil {
            let cancel = self.executor.schedule(after: Self.statusDelay) {
                self.outputEnd?.resume()
                self.outputEnd = nil
            }
            await withCheckedContinuation { self.outputEnd = $0 }
            cancel()
        }
        self.hasOutputEnded = true
        if case .signaled(let signal) = self.status { throw StreamError.childKilled(signal: signal) }
    }

    private func hasFailed(_ error: any Error, _ program: String) {
        let failure: EndpointError
        switch error {
        case let error as SubprocessError
        where error.code == .executableNotFound && program.contains("/") && access(program, F_OK) == 0:
            failure = .programFailed(reason: "\(program): not a program that may be executed (see chmod)")
        case let error as SubprocessError where error.code == .executableNotFound:
            failure = .programFailed(reason: "\(program): no such program (check the path, or PATH)")
        case let error as SubprocessError:
            let why = error.underlyingError.map { "\($0)" } ?? "\(error)"
            switch error.underlyingError {
            case .tooManyOpenFiles?, .tooManyOpenFilesInSystem?, .noMemory?, .resourceTemporarilyUnavailable?:
                failure = .exhausted(reason: "\(program): can't be started: \(why)")
            default:
                failure = .programFailed(
                    reason: "\(program): can't be started: \(why) (check that it may be executed)"
                )
            }
        default:
            failure = .programFailed(reason: "\(program): \(error)")
        }
        self.status = .exited(-1)
        self.started?.resume(throwing: failure)
        self.started = nil
        self.ended?.resume()
        self.ended = nil
    }

    /// Does nothing once the child has been waited for, so its number is never another's.
    private func signal(_ number: CInt) {
        guard let process, self.status == nil else { return }
        _ = kill(-process.value, number)
    }

    private func terminate() {
        self.isTerminated = true
        self.signal(SIGTERM)
    }

    /// Ends what is left of all children; the process itself is about to end.
    public static func killAll() {
        for process in Self.running.withLockedValue({ $0 }) { _ = kill(-process, SIGKILL) }
    }

    /// Children that have not been waited for. Each leads a process group of its own, so that what it started ends with it.
    private static let running = NIOLockedValueBox<Set<pid_t>>([])

    private func waitForEnd() async {
        if self.status != nil { return }
        let toEnd = self.isTerminated ? Duration.zero : Self.grace.toEnd
        let terminate = self.isTerminated ? nil : self.executor.schedule(after: toEnd) { self.signal(SIGTERM) }
        let kill = self.executor.schedule(after: toEnd + Self.grace.afterTerminate) { self.signal(SIGKILL) }
        await withCheckedContinuation { self.ended = $0 }
        terminate?()
        kill()
    }
}
