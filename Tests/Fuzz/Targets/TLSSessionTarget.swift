// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import NIOCore
import NIOEmbedded

@testable import TLSEngine

extension FuzzTarget {
    /// A client and a server, and between them one who spoils what they send. The input is what he does: see
    /// `TLSMeddler`.
    static let tlsSessions = FuzzTarget(name: "tls-sessions") {
        let certificate = try ThrowawayCertificate()
        let servers = [try certificate.server(maxVersion: TLS1_2_VERSION), try certificate.server()]
        let client = try certificate.client()
        let loop = EmbeddedEventLoop()
        return { bytes in
            let server = servers[Int(bytes.first ?? 0) % 2]
            var meddler = TLSMeddler(
                script: bytes.dropFirst(),
                client: try TLSPeer(client, name: ThrowawayCertificate.name, on: loop),
                server: try TLSPeer(server, name: nil, on: loop)
            )
            defer { meddler.end() }
            return try meddler.run()
        }
    }
}

/// Carries what two peers send to one another, and does to it what a script says: four bytes for each flight. The first
/// is the deed, the second and third say where, the fourth with what. Behind the script, all is carried as it is.
struct TLSMeddler {
    private enum Deed: UInt8, CaseIterable {
        case carry, flip, cut, drop, double, replay, reflect, insert, swap, split
        case writeLittle, writeMuch, endOutput, endWire
    }

    private var script: ArraySlice<UInt8>
    private let client: TLSPeer
    private let server: TLSPeer
    private var sent: (client: Int, server: Int) = (0, 0)
    private var last = ByteBuffer()

    init(script: ArraySlice<UInt8>, client: TLSPeer, server: TLSPeer) {
        self.script = script.prefix(4 * 64)
        self.client = client
        self.server = server
    }

    mutating func run() throws -> FuzzTarget.Verdict {
        var isToServer = true
        var quiet = 0
        while quiet < 4 {
            let flight = (isToServer ? self.client : self.server).wire.takeWritten()
            quiet = flight.readableBytes == 0 && self.script.isEmpty ? quiet + 1 : 0
            try self.meddle(with: flight, isToServer: isToServer)
            isToServer.toggle()
        }
        let isIntact = try self.isIntact
        self.end()
        _ = try self.isIntact
        return isIntact ? .accepted : .refused
    }

    func end() {
        self.client.channel.end()
        self.server.channel.end()
    }

    private mutating func meddle(with flight: ByteBuffer, isToServer: Bool) throws {
        let from = isToServer ? self.client : self.server
        let to = isToServer ? self.server : self.client
        let step = Array(self.script.prefix(4)) + [0, 0, 0, 0]
        self.script = self.script.dropFirst(4)
        let place = Int(step[1]) << 8 | Int(step[2])
        let deed = Deed.allCases[Int(step[0]) % Deed.allCases.count]
        var flight = flight
        let before = flight
        let index = flight.readableBytes == 0 ? 0 : place % flight.readableBytes
        var rest = flight
        let head = rest.readSlice(length: index) ?? ByteBuffer()
        switch deed {
        case .carry: break
        case .flip:
            guard let byte = flight.getInteger(at: index, as: UInt8.self) else { break }
            flight.setInteger(byte ^ (step[3] == 0 ? 1 : step[3]), at: index)
        case .cut: flight = head
        case .drop: flight.clear()
        case .double: flight.writeImmutableBuffer(before)
        case .replay: flight.writeImmutableBuffer(self.last)
        case .reflect: try from.deliver(before)
        case .insert:
            flight = head
            flight.writeRepeatingByte(step[3], count: place % 300)
            flight.writeImmutableBuffer(rest)
        case .swap:
            flight = rest
            flight.writeImmutableBuffer(head)
        case .split:
            try to.deliver(head)
            flight = rest
        case .writeLittle: self.write(1 + place % 100, from: from, isClient: isToServer)
        case .writeMuch: self.write(1 + place, from: from, isClient: isToServer)
        case .endOutput: from.channel.close(mode: .output, promise: nil)
        case .endWire: to.channel.end()
        }
        self.last = before
        if flight.readableBytes > 0 { try to.deliver(flight) }
    }

    /// Writes what only this side writes, so that it is known at the other.
    private mutating func write(_ count: Int, from peer: TLSPeer, isClient: Bool) {
        guard peer.channel.isActive, !peer.wire.hasOutputEnded else { return }
        let start = isClient ? self.sent.client : self.sent.server
        let bytes = (start..<start + count).map { Self.byte($0, isClient: isClient) }
        peer.channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        if isClient { self.sent.client += count } else { self.sent.server += count }
    }

    private static func byte(_ index: Int, isClient: Bool) -> UInt8 {
        UInt8(truncatingIfNeeded: index % 251) ^ (isClient ? 0 : 0xA5)
    }

    /// Whether both have all that was written to them. Nobody has anything that was not, in order and from its start on.
    private var isIntact: Bool {
        get throws {
            var isIntact = true
            for (peer, sent, isClient) in [
                (self.client, self.sent.server, false), (self.server, self.sent.client, true),
            ] {
                try peer.check()
                try promise(peer.received.count <= sent, "no plaintext is made up or comes twice")
                for (index, byte) in peer.received.enumerated() {
                    try promise(byte == Self.byte(index, isClient: isClient), "plaintext comes as it was written")
                }
                isIntact = isIntact && peer.hasCompleted && peer.errors.isEmpty && peer.received.count == sent
            }
            return isIntact
        }
    }
}
