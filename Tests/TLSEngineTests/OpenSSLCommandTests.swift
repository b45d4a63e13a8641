// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import TLSEngine

@Suite("Against the openssl command", .serialized)
struct OpenSSLCommandTests {
    let certificates = TestCertificates.shared

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func servesSClient(version: String) async throws {
        let context = try self.certificates.server()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        TLSHandler(context: context, peerName: nil), Echo(),
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let command = try Command(
            "(printf hello; sleep 0.5) | openssl s_client -connect 127.0.0.1:\(port) -CAfile ca.pem -quiet "
                + "-verify_return_error -verify_hostname server.test -servername server.test \(version) -no_ign_eof"
        )
        #expect(try command.wait().contains("hello"))
        try await listener.close()
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func talksToSServer(version: String) async throws {
        let port = try Self.freePort()
        // With -rev the server sends each line back in reverse.
        let command = try Command(
            "openssl s_server -accept 127.0.0.1:\(port) -cert good.pem -key good.key -rev -quiet -naccept 1 \(version)"
        )
        let context = try self.certificates.client()
        let received = Received()
        let channel = try await Self.connect(port: port) {
            [TLSHandler(context: context, peerName: "127.0.0.1"), Collector(received)]
        }
        let line = String(repeating: "x", count: 8000) + "y"
        try await channel.writeAndFlush(ByteBuffer(string: line + "\n")).get()
        let answer = try await received.next(bytes: line.utf8.count + 1)
        #expect(String(buffer: answer) == "y" + String(repeating: "x", count: 8000) + "\n")
        try await channel.close().get()
        _ = try command.wait()
    }

    @Test
    func refusesSServerWithAnExpiredCertificate() async throws {
        let port = try Self.freePort()
        let command = try Command(
            "openssl s_server -accept 127.0.0.1:\(port) -cert expired.pem -key expired.key -quiet -naccept 1"
        )
        let context = try self.certificates.client()
        let received = Received()
        _ = try await Self.connect(port: port) {
            [TLSHandler(context: context, peerName: "server.test"), Collector(received)]
        }
        let error = await #expect(throws: TLSError.self) { _ = try await received.next(bytes: 1) }
        #expect(error?.description.contains("certificate has expired") == true)
        // The server has got the alert.
        #expect(try command.wait().contains("alert certificate expired"))
    }

    private static func connect(
        port: Int,
        handlers: @escaping @Sendable () -> [any ChannelHandler]
    ) async throws -> any Channel {
        let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(handlers())
                }
            }
        // The command takes a moment to listen.
        for _ in 0..<100 {
            do {
                return try await bootstrap.connect(host: "127.0.0.1", port: port).get()
            } catch {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        return try await bootstrap.connect(host: "127.0.0.1", port: port).get()
    }

    private static func freePort() throws -> Int {
        let channel = try ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).wait()
        defer { try? channel.close().wait() }
        return try #require(channel.localAddress?.port)
    }
}

/// One shell command in the directory of the certificates.
private struct Command {
    private let process = Process()
    private let output = Pipe()

    init(_ line: String) throws {
        self.process.executableURL = URL(fileURLWithPath: "/bin/bash")
        self.process.arguments = ["-c", "cd \"$0\"; exec 2>&1; \(line)", TestCertificates.shared.directory]
        self.process.standardInput = FileHandle.nullDevice
        self.process.standardOutput = self.output
        try self.process.run()
    }

    /// All that it printed.
    func wait() throws -> String {
        let text = String(decoding: self.output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        self.process.waitUntilExit()
        return text
    }
}

/// Sends back what it gets, and ends when its peer ends.
private final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(data, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            context.close(mode: .output, promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// Hands what arrives to a task.
private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let received: Received

    init(_ received: Received) {
        self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.received.continuation.yield(self.unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.received.continuation.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.received.continuation.finish(throwing: error)
    }
}

/// What a `Collector` got.
private struct Received: Sendable {
    let stream: AsyncThrowingStream<ByteBuffer, any Error>
    let continuation: AsyncThrowingStream<ByteBuffer, any Error>.Continuation

    init() {
        (self.stream, self.continuation) = AsyncThrowingStream.makeStream()
    }

    /// The next `count` bytes or more, or what came before the end.
    func next(bytes count: Int) async throws -> ByteBuffer {
        var result = ByteBuffer()
        for try await bytes in self.stream {
            result.writeImmutableBuffer(bytes)
            if result.readableBytes >= count { break }
        }
        return result
    }
}
