// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import NIOCore
import NIOPosix
import Testing

@testable import Operations

@Suite("Monitoring port")
struct MonitorServerTests {
    /// Sends `request` and returns all that comes until the end.
    private static func exchange(_ server: MonitorServer, _ request: String) async throws -> String {
        let port = try #require(server.name.split(separator: ":").last.flatMap { Int($0) })
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        return try await client.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var answer = ""
            for try await bytes in inbound { answer += String(buffer: bytes) }
            return answer
        }
    }

    private static func serve(
        isHealthy: Bool = true,
        phase: Readiness.Phase = .ready,
        _ body: (MonitorServer) async throws -> Void
    ) async throws {
        let readiness = Readiness()
        readiness.phase = phase
        let sources = MonitorServer.Sources(
            isHealthy: { isHealthy },
            readiness: readiness,
            metrics: { "# TYPE a gauge\na 1\n" }
        )
        let server = try await MonitorServer(on: HostAndPort("127.0.0.1", 0), sources, timeLimit: .seconds(300))
        try await body(server)
        server.close()
    }

    @Test
    func metricsAreText() async throws {
        try await Self.serve { server in
            let answer = try await Self.exchange(server, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n# TYPE a gauge\na 1\n"))
        }
    }

    @Test(arguments: [(true, "200 OK"), (false, "503 Service Unavailable")])
    func healthIsTheServices(isHealthy: Bool, status: String) async throws {
        try await Self.serve(isHealthy: isHealthy) { server in
            let answer = try await Self.exchange(server, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
        }
    }

    @Test(arguments: [
        (Readiness.Phase.starting, "503 Service Unavailable", "starting"), (.ready, "200 OK", "ready"),
        (.draining, "503 Service Unavailable", "draining"),
    ])
    func onlyAServiceThatWantsClientsIsReady(phase: Readiness.Phase, status: String, word: String) async throws {
        try await Self.serve(phase: phase) { server in
            let answer = try await Self.exchange(server, "GET /readyz?x HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n\(word)\n"))
        }
    }

    @Test
    func headHasNoBody() async throws {
        try await Self.serve { server in
            let answer = try await Self.exchange(server, "HEAD /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Content-Length: 6\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test(arguments: [
        ("GET /", "404"), ("GET /metrics/", "404"), ("GET //metrics", "404"), ("GET /Metrics", "404"),
        ("POST /metrics", "405"), ("DELETE /readyz", "405"), ("OPTIONS /healthz", "405"), ("NONSENSE /healthz", "400"),
    ])
    func everythingElseIsRefused(request: String, status: String) async throws {
        try await Self.serve { server in
            let answer = try await Self.exchange(server, "\(request) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    @Test
    func aHeadWithoutEndIsBounded() async throws {
        try await Self.serve { server in
            let field = "X: " + String(repeating: "a", count: 200_000) + "\r\n"
            let answer = try? await Self.exchange(server, "GET /metrics HTTP/1.1\r\n\(field)")
            #expect(answer?.hasPrefix("HTTP/1.1 400 ") ?? true)
        }
    }

    @Test
    func onlySomeConnectionsAreHeld() {
        let count = ConnectionCount()
        #expect((0..<3).allSatisfy { _ in count.enter(limit: 3) })
        #expect(!count.enter(limit: 3))
        count.leave()
        #expect(count.enter(limit: 3))
    }
}
