// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// One direction of a pipe, terminal or inherited socket as a stream.
enum PipeStream {
    /// - Parameter descriptor: closed with the stream.
    static func open(reading descriptor: CInt, on executor: EventLoopExecutor) async throws -> ChannelStream {
        let channel = try await self.bootstrap(.pipeSource, on: executor)
            .takingOwnershipOfDescriptor(input: descriptor).get()
        return try ChannelStream.of(channel)
    }

    /// - Parameter descriptor: closed with the stream.
    static func open(writing descriptor: CInt, on executor: EventLoopExecutor) async throws -> ChannelStream {
        let channel = try await self.bootstrap(.pipeSink, on: executor)
            .takingOwnershipOfDescriptor(output: descriptor).get()
        return try ChannelStream.of(channel)
    }

    private static func bootstrap(_ kind: ChannelStream.Kind, on executor: EventLoopExecutor) -> NIOPipeBootstrap {
        NIOPipeBootstrap(group: executor.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try StreamOptions.apply(to: channel, kind: kind)
                    try channel.pipeline.syncOperations.addHandler(ChannelStream(channel: channel, kind: kind))
                }
            }
    }
}
