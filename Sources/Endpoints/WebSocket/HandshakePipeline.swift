// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// The HTTP handlers of a WebSocket's opening handshake, and how they make room for frames.
enum HandshakePipeline {
    /// Call on the channel's event loop.
    static func addClient(
        to channel: any Channel,
        headLimit: Int,
        for purpose: ClientHandshakeHandler.Purpose = .webSocket
    ) throws {
        let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes)
        let encoder: any ChannelHandler =
            switch purpose {
            case .webSocket: HTTPRequestEncoder()
            case .tunnel: ConnectRequestEncoder()
            }
        try channel.pipeline.syncOperations.addHandlers([
            encoder, AnswerBoundary(headLimit: headLimit), HeadLimiter(limit: headLimit),
            ByteToMessageHandler(decoder), ClientHandshakeHandler(for: purpose),
        ])
    }

    /// Call on the channel's event loop.
    static func addServer(to channel: any Channel, headLimit: Int) throws {
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)
        try channel.pipeline.syncOperations.addHandlers([
            HTTPResponseEncoder(), HeadLimiter(limit: headLimit), ByteToMessageHandler(decoder),
            ServerHandshakeHandler(),
        ])
    }

    /// Puts a stream in the place of the client's HTTP handlers. Bytes behind the answer go to the stream.
    static func replaceClient(of channel: any Channel, kind: ChannelStream.Kind) async throws -> ChannelStream {
        let boundary = try channel.pipeline.syncOperations.handler(type: AnswerBoundary.self)
        let stream = try await self.replace(
            ClientHandshakeHandler.self,
            HTTPRequestEncoder.self,
            ByteToMessageHandler<HTTPResponseDecoder>.self,
            of: channel,
            kind: kind
        )
        // The channel may have closed meanwhile, and taken its handlers down; what had come still counts.
        stream.receive(boundary.takeFrames())
        _ = try? await channel.pipeline.syncOperations.removeHandler(boundary).get()
        try? await self.removeLimiter(from: channel)
        return stream
    }

    /// Takes a tunnel's HTTP handlers away. Bytes behind the answer go to the handler behind them.
    static func removeTunnel(from channel: any Channel) async throws {
        let pipeline = channel.pipeline.syncOperations
        let boundary = try pipeline.context(handlerType: AnswerBoundary.self)
        let limiter = try pipeline.context(handlerType: HeadLimiter.self)
        let encoder = try pipeline.context(handlerType: ConnectRequestEncoder.self)
        let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPResponseDecoder>.self)
        let handshake = try pipeline.context(handlerType: ClientHandshakeHandler.self)
        // The decoder goes first: it may have more to say of the answer, which none but the handshake's handler knows.
        try await pipeline.removeHandler(context: decoder).get()
        for context in [handshake, encoder, limiter, boundary] {
            try await pipeline.removeHandler(context: context).get()
        }
    }

    /// Puts a stream in the place of the server's HTTP handlers. Bytes behind the request go to the stream.
    static func replaceServer(of channel: any Channel, kind: ChannelStream.Kind) async throws -> ChannelStream {
        try await self.removeLimiter(from: channel)
        return try await self.replace(
            ServerHandshakeHandler.self,
            HTTPResponseEncoder.self,
            ByteToMessageHandler<HTTPRequestDecoder>.self,
            of: channel,
            kind: kind
        )
    }

    private static func removeLimiter(from channel: any Channel) async throws {
        let pipeline = channel.pipeline.syncOperations
        let limiter = try pipeline.context(handlerType: HeadLimiter.self)
        try await pipeline.removeHandler(context: limiter).get()
    }

    private static func replace<
        Handshake: RemovableChannelHandler,
        Encoder: RemovableChannelHandler,
        Decoder: RemovableChannelHandler
    >(
        _: Handshake.Type,
        _: Encoder.Type,
        _: Decoder.Type,
        of channel: any Channel,
        kind: ChannelStream.Kind
    ) async throws -> ChannelStream {
        let pipeline = channel.pipeline.syncOperations
        let stream = ChannelStream(channel: channel, kind: kind)
        // The stream must be in place before the decoder lets go of what lies behind the handshake.
        try pipeline.addHandler(stream)
        let removals = [
            pipeline.removeHandler(context: try pipeline.context(handlerType: Handshake.self)),
            pipeline.removeHandler(context: try pipeline.context(handlerType: Encoder.self)),
            pipeline.removeHandler(context: try pipeline.context(handlerType: Decoder.self)),
        ]
        for removal in removals { _ = try? await removal.get() }
        return stream
    }
}
