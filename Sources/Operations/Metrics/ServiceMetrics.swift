// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import Endpoints
import NIOCore
import RelayCore
public import Service
import Synchronization

/// A service's events as metrics. Events come once or twice in the life of a link, so a lock does; bytes and frames are
/// counted by each event loop for itself (``EventLoops/traffic``).
public final class ServiceMetrics: ServiceObserver {
    private struct State {
        var routes: [String: RouteMetrics] = [:]
        /// By HTTP status; 0 stands for clients that went away before they had an answer.
        var refused: [Int: UInt64] = [:]
        var accepted: UInt64 = 0
        var reloads: UInt64 = 0
        var failedReloads: UInt64 = 0
    }

    private let state = Mutex(State())
    private let version: String
    private let readiness: Readiness
    private let traffic: @Sendable () -> TrafficTotals

    /// - Parameters:
    ///   - version: Of the program.
    ///   - readiness: Whether the service wants clients.
    ///   - traffic: What has been carried so far.
    public init(version: String, readiness: Readiness, traffic: @escaping @Sendable () -> TrafficTotals) {
        self.version = version
        self.readiness = readiness
        self.traffic = traffic
    }

    /// Counts it.
    public func observe(_ event: ServiceEvent) {
        self.state.withLock { state in
            switch event {
            case .accepted: state.accepted += 1
            case .refused(_, _, let status, _): state.refused[status, default: 0] += 1
            case .gone: state.refused[0, default: 0] += 1
            case .dialFailed(let link, let error):
                state.routes[link.route, default: RouteMetrics()].failDial(error.reason)
                state.refused[error.reason.httpStatus, default: 0] += 1
            case .opened(let link, let dialTime):
                state.routes[link.route, default: RouteMetrics()].open(after: dialTime)
            case .ended(let link, let outcome, _, let life, _):
                state.routes[link.route, default: RouteMetrics()].end(outcome, after: life)
            case .reloaded: state.reloads += 1
            }
        }
    }

    /// A new configuration could not be taken.
    public func reloadFailed() {
        self.state.withLock { $0.failedReloads += 1 }
    }

    /// In Prometheus' text format, with the figures of the process.
    public var text: String {
        var text = PrometheusText()
        let state = self.state.withLock { $0 }
        let routes = state.routes.sorted { $0.key < $1.key }
        text.begin("strait_build_info", .gauge, "The version, as a label.")
        text.add(1 as UInt64, [("version", self.version)])
        text.begin("strait_ready", .gauge, "1 while new clients are welcome: the same as /readyz.")
        text.add(self.readiness.phase == .ready ? 1 as UInt64 : 0)
        text.begin("strait_connections_total", .counter, "Connections accepted.")
        text.add(state.accepted)
        text.begin("strait_handshake_failures_total", .counter, "Requests that got no WebSocket, by HTTP status.")
        for (status, count) in state.refused.sorted(by: { $0.key < $1.key }) {
            text.add(count, [("status", status == 0 ? "gone" : "\(status)")])
        }
        text.begin("strait_links_open", .gauge, "Links that are open.")
        for (route, metrics) in routes { text.add(metrics.openCount, [("route", route)]) }
        text.begin("strait_links_opened_total", .counter, "Links opened.")
        for (route, metrics) in routes { text.add(metrics.opened, [("route", route)]) }
        text.begin("strait_links_ended_total", .counter, "Links that are over, by how they ended.")
        for (route, metrics) in routes {
            for (reason, count) in metrics.ended.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                text.add(count, [("route", route), ("reason", reason.rawValue)])
            }
        }
        text.begin("strait_dial_failures_total", .counter, "Services that could not be reached, by why.")
        for (route, metrics) in routes {
            for (reason, count) in metrics.dialFailures.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                text.add(count, [("route", route), ("reason", reason.rawValue)])
            }
        }
        text.begin("strait_dial_seconds", .histogram, "How long it took to reach the service.")
        for (route, metrics) in routes { text.add(metrics.dialTimes, [("route", route)]) }
        text.begin("strait_link_seconds", .histogram, "How long links were open.")
        for (route, metrics) in routes { text.add(metrics.lives, [("route", route)]) }
        let traffic = self.traffic()
        text.begin("strait_bytes_total", .counter, "Payload from clients (in) and to them (out), in bytes.")
        text.add(traffic.bytesIn, [("direction", "in")])
        text.add(traffic.bytesOut, [("direction", "out")])
        text.begin("strait_frames_total", .counter, "Frames from clients, and data frames to them.")
        text.add(traffic.framesIn, [("direction", "in")])
        text.add(traffic.framesOut, [("direction", "out")])
        text.begin("strait_reloads_total", .counter, "Configurations taken and refused.")
        text.add(state.reloads, [("result", "taken")])
        text.add(state.failedReloads, [("result", "failed")])
        ProcessFigures.write(to: &text)
        return text.text
    }
}
