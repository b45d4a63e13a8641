// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// One direction of a pipe, terminal or inherited socket as a stream.
enum PipeStream {
    /// - Parameter descriptor: closed with the stream.
    static func open(reading descriptor: CInt, on executor: EventLoopExecutor) async throws -> ChannelStream {
        let channel = try await self.bootstrap(on: executor).takingOwnershipOfDescriptor(input: descriptor).get()
        return try ChannelStream.of(channel)
    }

    /// - Parameter descriptor: closed with the stream.
    static func open(writing descriptor: CInt, on executor: EventLoopExecutor) async throws -> ChannelStream {
        let channel = try await self.bootstrap(on: executor).takingOwnershipOfDescriptor(output: descriptor).get()
        return try ChannelStream.of(channel)
    }

    private static func bootstrap(on executor: EventLoopExecutor) -> NIOPipeBootstrap {
        NIOPipeBootstrap(group: executor.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try StreamOptions.apply(to: channel, kind: .pipe)
                    try channel.pipeline.syncOperations.addHandler(ChannelStream(channel: channel, kind: .pipe))
                }
            }
    }
}
