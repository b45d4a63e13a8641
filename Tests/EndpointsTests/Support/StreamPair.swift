// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Endpoints

/// What connects a stream under test with its peer.
enum Transport: CaseIterable, Sendable {
    /// TCP over the loopback device.
    case tcp
    /// A pair of Unix sockets.
    case unix

    var kind: ChannelStream.Kind {
        switch self {
        case .tcp: .tcp
        case .unix: .unix
        }
    }

    /// Two connected descriptors.
    func pair() throws -> (ours: CInt, theirs: CInt) {
        switch self {
        case .tcp: try Self.tcpPair()
        case .unix: try Self.unixPair()
        }
    }

    private static func unixPair() throws -> (CInt, CInt) {
        var pair: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, self.streamType, 0, &pair) == 0 else { throw self.failure("socketpair") }
        return (pair[0], pair[1])
    }

    private static func tcpPair() throws -> (CInt, CInt) {
        let listener = socket(AF_INET, self.streamType, 0)
        guard listener >= 0 else { throw self.failure("socket") }
        defer { _ = close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let ours = socket(AF_INET, self.streamType, 0)
        try withUnsafeMutablePointer(to: &address) { address in
            try address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(listener, address, length) == 0, listen(listener, 1) == 0,
                    getsockname(listener, address, &length) == 0, connect(ours, address, length) == 0
                else { throw self.failure("bind or connect") }
            }
        }
        let theirs = accept(listener, nil, nil)
        guard theirs >= 0 else { throw self.failure("accept") }
        return (ours, theirs)
    }

    private static let streamType = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)

    private static func failure(_ call: String) -> IOError { IOError(errnoCode: errno, reason: call) }
}

/// A stream on an event loop of its own, and its peer.
struct StreamPair: Sendable {
    let executor: EventLoopExecutor
    let stream: ChannelStream
    let peer: Peer
    /// The stream's descriptor, to ask the kernel about it.
    let descriptor: CInt

    /// Runs `body` on the event loop of a new pair, as the pumps of a link run, and takes the pair down.
    static func run<Result: Sendable>(
        _ transport: Transport,
        _ body: @escaping @Sendable (StreamPair) async throws -> Result
    ) async throws -> Result {
        let executor = EventLoops.forTests.next()
        let (ours, theirs) = try transport.pair()
        let peer = Peer(theirs)
        return try await withTaskExecutorPreference(executor) {
            let channel = try await ClientBootstrap(group: executor.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try StreamOptions.apply(to: channel, kind: transport.kind)
                        let stream = ChannelStream(channel: channel, kind: transport.kind)
                        try channel.pipeline.syncOperations.addHandler(stream)
                    }
                }
                .withConnectedSocket(ours).get()
            let stream = try ChannelStream.of(channel)
            let pair = StreamPair(executor: executor, stream: stream, peer: peer, descriptor: ours)
            do {
                let result = try await body(pair)
                peer.close()
                await stream.close()
                return result
            } catch {
                peer.close()
                await stream.close()
                throw error
            }
        }
    }

    /// Runs `body` beside the caller, on the pair's event loop.
    func start<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) -> Task<Result, any Error> {
        Task.detached(executorPreference: self.executor) { try await body() }
    }

    /// How many bytes wait in the kernel to be read by the stream (ioctl_tty(2), FIONREAD).
    var unread: Int {
        var count: CInt = 0
        _ = ioctl(self.descriptor, UInt(FIONREAD), &count)
        return Int(count)
    }

    /// Lets the event loop do all that it has to, for its sockets too.
    ///
    /// Tasks that are ready come before sockets: a chain of them would keep the loop from waiting for events.
    func turn() async throws {
        for _ in 0..<3 {
            await Task.yield()
            try await self.executor.eventLoop.scheduleTask(in: .milliseconds(1)) {}.futureResult.get()
        }
    }

    /// Reads to the end.
    func readToEnd() async throws -> ByteBuffer {
        var all = ByteBuffer()
        while let bytes = try await self.stream.read() { all.writeImmutableBuffer(bytes) }
        return all
    }
}

extension EventLoops {
    /// As many as there are cores, so that the tests of a suite run beside one another.
    static let forTests = try! EventLoops(count: 2)
}
