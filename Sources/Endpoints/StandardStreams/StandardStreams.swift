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
        let own = Glibc.open("/proc/self/fd/\(descriptor)", mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        return own >= 0 ? own : try self.copy(of: descriptor)
    }

    private static func copy(of descriptor: CInt) throws -> CInt {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw StreamError.system(IOError(errnoCode: errno, reason: "dup")) }
        return copy
    }
}
