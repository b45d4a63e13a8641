// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Logging
import NIOCore

/// Stops accepting for a while when the process or the machine is out of descriptors or memory (accept(2)): clients wait in
/// the backlog meanwhile, and no core is spent on asking in vain.
///
/// `@unchecked Sendable` holds because all members are used on the channel's event loop only.
final class AcceptPause: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let address: Address
    private let log: Logger
    private var warning = SpacedWarning()
    private var isStopped = false

    /// How long to wait before the next try.
    private static let duration = TimeAmount.milliseconds(100)

    init(_ address: Address, log: Logger) {
        self.address = address
        self.log = log
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError else { return context.fireErrorCaught(error) }
        if error.isExhaustion {
            self.pause(context.channel, reason: "\(EndpointError.exhausted(reason: error.errnoDescription))")
        } else if error.errnoCode != ECONNABORTED {
            // NIO closes the listener then.
            let name = self.address.withPort(context.channel.localAddress?.port)
            self.log.error("\(name): listens no more: \(error.errnoDescription) (restart it)")
            context.fireErrorCaught(error)
        }
    }

    /// - Parameter channel: the listener's.
    func pause(_ channel: any Channel, reason: String) {
        if self.warning.isDue(at: .now()) {
            let name = self.address.withPort(channel.localAddress?.port)
            self.log.warning("\(name): new clients wait until links end: \(reason)")
        }
        // That also ends NIO's own interest in the socket; a handler that only holds `read` back would not.
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        channel.eventLoop.assumeIsolated().scheduleTask(in: Self.duration) {
            if !self.isStopped { try? channel.syncOptions?.setOption(.autoRead, value: true) }
        }
    }

    /// For good: whoever is in the backlog stays there.
    ///
    /// - Parameter channel: the listener's.
    func stop(_ channel: any Channel) {
        self.isStopped = true
        try? channel.syncOptions?.setOption(.autoRead, value: false)
    }
}
