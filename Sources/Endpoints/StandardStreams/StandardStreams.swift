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
            case .pollable, .socket: try await PipeStream.open(reading: self.copy(of: STDIN_FILENO), on: executor)
            }
        let sink: any ByteSink
        let kind = DescriptorKind(of: STDOUT_FILENO)
        switch kind {
        case .file:
            sink = FileSink(STDOUT_FILENO, eventLoop: executor.eventLoop, threads: loops.blocking)
        case .pollable, .socket:
            let stream = try await PipeStream.open(writing: self.copy(of: STDOUT_FILENO), on: executor)
            sink = StandardOutput(stream, isSocket: kind == .socket)
        }
        return StandardStreamsEndpoint(source: source, sink: sink)
    }

    private static func copy(of descriptor: CInt) throws -> CInt {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw StreamError.system(IOError(errnoCode: errno, reason: "dup")) }
        return copy
    }
}
