// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Between TLS and HTTP: shows the decrypted bytes to a capture, and HTTP heads to a trace. Changes nothing.
final class WireTap: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private let name: String
    private let isClient: Bool
    private let trace: Trace?
    private let capture: PacketCapture?
    private var flow: PacketFlow?
    private var sentHead = HeadScanner()
    private var receivedHead = HeadScanner()

    /// - Parameter name: what the user knows the WebSocket by.
    private init(name: String, isClient: Bool, options: LinkOptions) {
        self.name = name
        self.isClient = isClient
        self.trace = options.trace
        self.capture = options.capture
    }

    /// Adds one to a pipeline that has TLS and no HTTP yet, if something is to be shown.
    static func add(to channel: any Channel, name: String, isClient: Bool, options: LinkOptions) throws {
        guard options.trace != nil || options.capture != nil else { return }
        try channel.pipeline.syncOperations.addHandler(WireTap(name: name, isClient: isClient, options: options))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.show(.received, self.unwrapInboundIn(data), context)
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        self.show(.sent, self.unwrapOutboundIn(data), context)
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed = event as? ChannelEvent { self.showEnd(.received) }
        context.fireUserInboundEventTriggered(event)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        self.showEnd(.sent)
        context.close(mode: mode, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.showEnd(.received)
        self.showEnd(.sent)
        context.fireChannelInactive()
    }

    private func show(_ direction: Direction, _ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard bytes.readableBytes > 0 else { return }
        let (head, rest) = self.scan(direction, bytes)
        if head.readableBytes > 0 { self.trace?.http(direction, "header", head, of: self.name) }
        // Frames are the endpoint's to show.
        if rest.readableBytes > 0, !self.leadsToFrames(direction) {
            self.trace?.http(direction, "data", rest, of: self.name)
        }
        guard let capture else { return }
        var packets = ByteBuffer()
        var flow = self.flow ?? PacketCapture.flow(of: context.channel, isClient: self.isClient)
        if self.flow == nil { packets = flow.open(at: PacketCapture.now) }
        let fromClient = self.isFromClient(direction)
        for part in [head, rest] {
            packets.writeImmutableBuffer(flow.data(fromClient: fromClient, part, at: PacketCapture.now))
        }
        self.flow = flow
        capture.write(packets)
    }

    private func scan(_ direction: Direction, _ bytes: ByteBuffer) -> (head: ByteBuffer, rest: ByteBuffer) {
        switch direction {
        case .sent: self.sentHead.scan(bytes)
        case .received: self.receivedHead.scan(bytes)
        }
    }

    private func leadsToFrames(_ direction: Direction) -> Bool {
        switch direction {
        case .sent: self.sentHead.leadsToFrames
        case .received: self.receivedHead.leadsToFrames
        }
    }

    private func isFromClient(_ direction: Direction) -> Bool {
        switch direction {
        case .sent: self.isClient
        case .received: !self.isClient
        }
    }

    private func showEnd(_ direction: Direction) {
        guard let capture, let packets = self.flow?.end(fromClient: self.isFromClient(direction), at: PacketCapture.now)
        else { return }
        if packets.readableBytes > 0 { capture.write(packets) }
    }
}
