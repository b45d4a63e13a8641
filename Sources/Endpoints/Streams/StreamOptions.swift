// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The channel options that pulling and exact shutdown rest on.
enum StreamOptions {
    /// Call on the channel's event loop.
    static func apply(to channel: any Channel, kind: ChannelStream.Kind, _ keepalive: TCPKeepalive? = nil) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.autoRead, value: false)
        try options.setOption(.maxMessagesPerRead, value: 1)
        try options.setOption(.recvAllocator, value: LentReadBuffers(.current))
        try options.setOption(.allowRemoteHalfClosure, value: true)
        // Writable means: the kernel has everything.
        try options.setOption(.writeBufferWaterMark, value: .init(low: 1, high: 1))
        if kind == .tcp {
            try options.setOption(.tcpOption(.tcp_nodelay), value: 1)
            try keepalive?.apply(to: options)
        }
    }
}
