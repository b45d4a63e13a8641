// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix
import RelayCore

/// Standard input and output as an endpoint, whatever they are: pipe, socket, terminal, file, `/dev/null`.
enum StandardStreams {
    /// - Throws: `StreamError` when the descriptors can't be duplicated.
    static func open(on executor: EventLoopExecutor, loops: EventLoops) async throws -> StandardStreamsEndpoint {
        let source: any ByteSource =
            switch DescriptorKind(of: STDIN_FILENO) {
            case .file: FileSource(STDIN_FILENO, eventLoop: executor.eventLoop, threads: loops.blocking)
            case .pollable: try await PipeStream.open(reading: self.own(STDIN_FILENO, O_RDONLY), on: executor)
            case .socket: try await PipeStream.open(reading: self.copy(of: STDIN_FILENO), on: executor)
            }
        let sink: any ByteSink
        let kind = DescriptorKind(of: STDOUT_FILENO)
        switch kind {
        case .file:
            sink = FileSink(STDOUT_FILENO, eventLoop: executor.eventLoop, threads: loops.blocking)
        case .pollable:
            let stream = try await PipeStream.open(writing: self.own(STDOUT_FILENO, O_WRONLY), on: executor)
            sink = StandardOutput(stream, isSocket: false)
        case .socket:
            let stream = try await PipeStream.open(writing: self.copy(of: STDOUT_FILENO), on: executor)
            sink = StandardOutput(stream, isSocket: true)
        }
        return StandardStreamsEndpoint(source: source, sink: sink)
    }

    /// The same pipe or terminal, opened anew: `O_NONBLOCK` on what was inherited would make others fail that use it, such
    /// as a program that writes to the same terminal, also while we are stopped or after we were killed.
    ///
    /// - Returns: a copy where it can't be opened: without `/proc`, or when it is another user's.
    private static func own(_ descriptor: CInt, _ mode: CInt) throws -> CInt {
        guard !self.isTerminalMaster(descriptor) else { return try self.copy(of: descriptor) }
        let own = Glibc.open("/proc/self/fd/\(descriptor)", mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard own >= 0 else { return try self.copy(of: descriptor) }
        // Who opens a named pipe that nobody writes to any more waits for a new writer, and is told of no end.
        var inherited = pollfd(fd: descriptor, events: 0, revents: 0)
        guard poll(&inherited, 1, 0) > 0, inherited.revents & Int16(POLLHUP) != 0 else { return own }
        Glibc.close(own)
        return try self.copy(of: descriptor)
    }

    /// Each `open` of `/dev/ptmx` makes another terminal.
    private static func isTerminalMaster(_ descriptor: CInt) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == Self.ptmx
    }

    /// Major 5, minor 2.
    private static let ptmx: dev_t = 0x502

    private static func copy(of descriptor: CInt) throws -> CInt {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw StreamError.system(IOError(errnoCode: errno, reason: "dup")) }
        return copy
    }
}
