// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded

@testable import TLSEngine

extension FuzzTarget {
    /// What a client may send before, instead of and in a handshake.
    static let tlsToServer = FuzzTarget(name: "tls-to-server") {
        let context = try ThrowawayCertificate().server()
        return try TLSTarget.runner(context, name: nil)
    }
    /// What a server may send before, instead of and in a handshake.
    static let tlsToClient = FuzzTarget(name: "tls-to-client") {
        let context = try ThrowawayCertificate().client()
        return try TLSTarget.runner(context, name: ThrowawayCertificate.name)
    }
}

enum TLSTarget {
    static func runner(_ context: TLSContext, name: String?) throws -> ([UInt8]) throws -> FuzzTarget.Verdict {
        let loop = EmbeddedEventLoop()
        return { bytes in
            for pieces in cuts(of: bytes) {
                let peer = try TLSPeer(context, name: name, on: loop)
                defer { peer.channel.end() }
                for piece in pieces { try peer.deliver(piece) }
                peer.channel.end()
                try peer.check()
                // Both need what only the other side of this very connection can know.
                try promise(!peer.hasCompleted, "no handshake completes without keys")
                try promise(peer.errors.count == 1, "who ends the handshake is told apart from an end in order")
            }
            return .refused
        }
    }
}
