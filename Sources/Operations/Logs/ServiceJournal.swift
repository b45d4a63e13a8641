// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
public import Logging
import RelayCore
public import Service

/// A service's events as log lines of a message and fields: one for each link at its end, and one for each request that
/// got none.
public struct ServiceJournal: ServiceObserver {
    private let log: Logger

    /// Lines go to `log`.
    public init(_ log: Logger) {
        self.log = log
    }

    /// A line for each event that is worth one.
    public func observe(_ event: ServiceEvent) {
        switch event {
        case .accepted(let connection):
            self.log.debug("connected", metadata: Self.fields(of: connection))
        case .refused(let connection, let route, let status, let reason):
            var fields = Self.fields(of: connection)
            fields["route"] = route.map { "\($0)" }
            fields["status"] = "\(status)"
            fields["reason"] = "\(reason)"
            self.log.warning("refused", metadata: fields)
        case .gone(let connection, let reason):
            var fields = Self.fields(of: connection)
            fields["reason"] = "\(reason)"
            self.log.warning("gone", metadata: fields)
        case .dialFailed(let link, let error):
            var fields = Self.fields(of: link)
            fields["status"] = "\(error.reason.httpStatus)"
            fields["reason"] = "\(error)"
            self.log.error("service not reached", metadata: fields)
        case .opened(let link, let dialTime):
            var fields = Self.fields(of: link)
            fields["seconds"] = Self.seconds(dialTime)
            self.log.debug("link opened", metadata: fields)
        case .ended(let link, let outcome, let counters, let life, let first):
            self.tellEnd(of: link, outcome, counters, life, first)
        case .reloaded:
            self.log.notice("configuration loaded again")
        }
    }

    /// A line for each of these links; where that would be too many to read, one for each route.
    public func list(_ links: [OpenLink]) {
        guard !links.isEmpty else { return self.log.notice("no link is open") }
        guard links.count > Self.mostLines else {
            for link in links {
                var fields = Self.fields(of: link.info)
                fields["seconds"] = Self.seconds(link.life)
                self.log.notice("link open", metadata: fields.merging(Self.fields(of: [link])) { $1 })
            }
            return
        }
        for (route, links) in Dictionary(grouping: links, by: \.info.route).sorted(by: { $0.key < $1.key }) {
            var fields = Self.fields(of: links)
            fields["route"] = "\(route)"
            fields["links"] = "\(links.count)"
            self.log.notice("links open", metadata: fields)
        }
    }

    private static let mostLines = 100

    private static func fields(of links: [OpenLink]) -> Logger.Metadata {
        func sum(_ count: (OpenLink) -> UInt64) -> Logger.MetadataValue {
            "\(links.reduce(0) { $0 &+ count($1) })"
        }
        return [
            "bytes_in": sum(\.counters.bytesToRemote), "bytes_out": sum(\.counters.bytesToLocal),
            "frames_in": sum(\.frames.received), "frames_out": sum(\.frames.sent),
        ]
    }

    private func tellEnd(
        of link: LinkInfo,
        _ outcome: LinkOutcome,
        _ counters: LinkCounters,
        _ life: Duration,
        _ first: Side?
    ) {
        var fields = Self.fields(of: link)
        fields["bytes_in"] = "\(counters.bytesToRemote)"
        fields["bytes_out"] = "\(counters.bytesToLocal)"
        fields["seconds"] = Self.seconds(life)
        fields["ended_by"] = first.map { "\(Self.name(of: $0))" } ?? "strait"
        switch outcome {
        case .ended:
            fields["reason"] = "ended"
            self.log.notice("link ended", metadata: fields)
        case .failed(.local, WebSocketError.closed(let reason)) where reason.code == .goingAway:
            // As at the end of each ssh session: no fault of ours or of the service.
            fields["reason"] = "client left: \(reason)"
            self.log.notice("link ended", metadata: fields)
        case .failed(let side, let error):
            fields["reason"] = "\(Self.name(of: side)): \(error)"
            self.log.warning("link broken", metadata: fields)
        case .cancelled:
            fields["reason"] = "shutdown"
            self.log.notice("link ended", metadata: fields)
        case .expired(let expiry):
            fields["reason"] = "\(expiry)"
            self.log.notice("link ended", metadata: fields)
        }
    }

    private static func fields(of connection: ConnectionInfo) -> Logger.Metadata {
        let source = connection.source.flatMap { address in
            address.ipAddress.map { HostAndPort($0, address.port ?? 0) }
        }
        return ["id": "\(connection.id)", "source": source.map { "\($0)" } ?? "unix"]
    }

    private static func fields(of link: LinkInfo) -> Logger.Metadata {
        var fields = Self.fields(of: link.connection)
        fields["route"] = "\(link.route)"
        fields["target"] = "\(link.target)"
        fields["user"] = link.user.map { "\($0)" }
        return fields
    }

    private static func name(of side: Side) -> String {
        switch side {
        case .local: "client"
        case .remote: "service"
        }
    }

    /// With milliseconds: `1.250`.
    private static func seconds(_ duration: Duration) -> Logger.MetadataValue {
        let (seconds, attoseconds) = duration.components
        let thousandths = String(attoseconds / 1_000_000_000_000_000)
        return "\(seconds).\(String(repeating: "0", count: max(0, 3 - thousandths.count)))\(thousandths)"
    }
}
