// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import Endpoints
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Answers `/healthz`, `/readyz` and `/metrics`, on a thread of its own: links that keep the others busy delay no check.
public final class MonitorServer: Sendable {
    /// What answers depend on.
    public struct Sources: Sendable {
        /// Whether the service still works.
        public var isHealthy: @Sendable () async -> Bool
        /// Whether it wants clients.
        public var readiness: Readiness
        /// In Prometheus' text format.
        public var metrics: @Sendable () -> String

        /// These.
        public init(
            isHealthy: @escaping @Sendable () async -> Bool,
            readiness: Readiness,
            metrics: @escaping @Sendable () -> String
        ) {
            self.isHealthy = isHealthy
            self.readiness = readiness
            self.metrics = metrics
        }
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel
    /// Where it listens: `http://127.0.0.1:9090`.
    public let name: String

    /// How many connections it has at a time; more are closed at once.
    static let connectionLimit = 64

    /// - Parameter timeLimit: how long a client may take for its request, and then to take the answer.
    /// - Throws: when the address can't be listened on.
    public init(
        on address: HostAndPort,
        _ sources: Sources,
        timeLimit: Duration = .seconds(5)
    ) async throws(OpeningError) {
        let answer = { @Sendable (question: MonitorAnswer.Question) in await Self.answer(question, sources) }
        let connections = ConnectionCount()
        let bootstrap = ServerBootstrap(group: self.group)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.enter(limit: Self.connectionLimit) else { return channel.close(promise: nil) }
                    channel.closeFuture.whenComplete { _ in connections.leave() }
                    try channel.pipeline.syncOperations.addHandlers([
                        HTTPResponseEncoder(), ByteToMessageHandler(HTTPRequestDecoder()),
                        MonitorHandler(timeLimit: TimeAmount(timeLimit), answer: answer),
                    ])
                }
            }
        do {
            self.channel = try await bootstrap.bind(host: address.host, port: address.port).get()
        } catch {
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            let failure = EndpointError.listenFailed(reason: reason, hint: "choose another address for --metrics")
            throw OpeningError(name: "http://\(address)", reason: failure)
        }
        self.name = "http://\(HostAndPort(address.host, self.channel.localAddress?.port ?? address.port))"
    }

    private static func answer(_ question: MonitorAnswer.Question, _ sources: Sources) async -> MonitorAnswer {
        switch question {
        case .health:
            return await sources.isHealthy()
                ? MonitorAnswer(.ok, "healthy\n")
                : MonitorAnswer(.serviceUnavailable, "an event loop does not answer\n")
        case .readiness:
            let phase = sources.readiness.phase
            return MonitorAnswer(phase == .ready ? .ok : .serviceUnavailable, "\(phase.word)\n")
        case .metrics:
            return MonitorAnswer(.ok, sources.metrics(), mediaType: PrometheusText.mediaType)
        }
    }

    /// No more connections.
    public func close() {
        self.channel.close(promise: nil)
    }
}
