// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Synchronization

/// The last session with each peer, for a client's next connection to it.
final class TLSSessionStore: Sendable {
    private let sessions = Mutex<[String: TLSSession]>([:])
    private let maxPeers: Int

    /// - Parameter maxPeers: How many peers are remembered; beyond, one is forgotten for each new one.
    init(maxPeers: Int = 64) {
        self.maxPeers = maxPeers
    }

    /// Keeps `session` in place of the one before.
    func store(_ session: TLSSession, for peerName: String) {
        self.sessions.withLock { sessions in
            if sessions.count >= self.maxPeers, sessions[peerName] == nil, let other = sessions.keys.first {
                sessions[other] = nil
            }
            sessions[peerName] = session
        }
    }

    /// The session to offer to `peerName`; one that is for one use is taken out.
    func take(for peerName: String) -> TLSSession? {
        self.sessions.withLock { sessions in
            guard let session = sessions[peerName] else { return nil }
            if !session.isReusable {
                sessions[peerName] = nil
            }
            return SSL_SESSION_is_resumable(session.pointer) == 1 ? session : nil
        }
    }
}
