// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// How the kernel probes a TCP peer that says nothing (tcp(7)).
public struct TCPKeepalive: Sendable {
    /// Silence before the first probe, and between probes.
    public var time: Duration
    /// Probes without an answer until the connection is broken.
    public var probes: Int

    /// - Parameters:
    ///   - time: whole seconds count, 1 at least.
    ///   - probes: 1 to 127.
    public init(time: Duration, probes: Int) {
        self.time = time
        self.probes = probes
    }

    func apply(to options: any NIOSynchronousChannelOptions) throws {
        let seconds = max(1, Int(self.time.components.seconds))
        try options.setOption(.socketOption(.so_keepalive), value: 1)
        try options.setOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: seconds)
        try options.setOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: seconds)
        try options.setOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: self.probes)
    }
}
