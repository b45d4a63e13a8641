// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import TLSEngine

/// A client's and a server's engine, with a wire between them that a test may cut, split or spoil.
final class EnginePair {
    /// One engine and what came out of it.
    final class Side {
        let engine: TLSEngine
        var completed: TLSHandshakeCompleted?
        var plaintext = ByteBuffer()
        var hasInputEnded = false

        init(_ context: TLSContext, _ peerName: String?) throws {
            self.engine = try TLSEngine(context: context, peerName: peerName)
        }

        /// Delivers `bytes` as one piece.
        func receive(_ bytes: ByteBuffer) throws {
            self.engine.receive(bytes)
            if self.completed == nil {
                self.completed = try self.engine.handshake()
            }
            guard self.completed != nil, !self.hasInputEnded else { return }
            self.hasInputEnded = try self.engine.read(into: &self.plaintext) == .inputEnded
        }
    }

    let client: Side
    let server: Side

    init(client: TLSContext, server: TLSContext, name: String? = "server.test") throws {
        self.client = try Side(client, name)
        self.server = try Side(server, nil)
    }

    init(name: String? = "server.test") throws {
        self.client = try Side(try TestCertificates.shared.client(), name)
        self.server = try Side(try TestCertificates.shared.server(), nil)
    }

    /// Carries what each side has to send to the other, in pieces of `piece` bytes, until both are silent.
    func carry(piece: Int = .max) throws {
        var isSilent = false
        while !isSilent {
            isSilent = true
            for (from, to) in [(self.client, self.server), (self.server, self.client)] {
                var bytes = from.engine.takeOutgoing()
                while bytes.readableBytes > 0 {
                    isSilent = false
                    let count = min(piece, bytes.readableBytes)
                    try to.receive(bytes.readSlice(length: count) ?? ByteBuffer())
                }
            }
        }
    }

    /// Completes the handshake.
    func connect(piece: Int = .max) throws {
        self.client.completed = try self.client.engine.handshake()
        try self.carry(piece: piece)
    }
}

/// `count` bytes that repeat only after 251, a prime, so that a record out of place shows.
func pattern(_ count: Int) -> ByteBuffer {
    ByteBuffer(bytes: (0..<count).lazy.map { UInt8(truncatingIfNeeded: $0 % 251) })
}
