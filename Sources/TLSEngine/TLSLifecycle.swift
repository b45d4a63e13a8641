// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What a connection with TLS may do next. Bytes and errors are held elsewhere.
struct TLSLifecycle {
    private enum State {
        /// The transport is not up yet. Next: `handshaking`, `closed`.
        case waiting(endsOutput: Bool)
        /// Next: `open`, `outputEnded`, `closed`.
        case handshaking(endsOutput: Bool)
        /// Both directions carry data. Next: `inputEnded`, `outputEnded`, `closed`.
        case open
        /// The peer's direction has ended. Next: `ended`, `closed`.
        case inputEnded
        /// Our direction has ended. Next: `ended`, `closed`.
        case outputEnded
        /// Both directions have ended; the transport is still there. Next: `closed`.
        case ended
        /// Failed, or closed by either side. Final.
        case closed
    }
    private var state = State.waiting(endsOutput: false)

    enum OnStart: Equatable { case handshake, nothing }
    enum OnReceived: Equatable { case keep, handshake, decrypt, discard }
    enum OnHandshakeCompleted: Equatable { case send, sendAndEndOutput, nothing }
    enum OnWrite: Equatable { case take, refuseOutputEnded, refuseClosed }
    enum OnFlush: Equatable { case encrypt, hold }
    enum OnEndOutput: Equatable { case sendCloseNotify, later, refuse, passOn }
    enum OnInputEnded: Equatable { case tell, nothing }
    enum OnTransportEnded: Equatable { case failHandshake, tellTruncated, nothing }
    enum OnFailed: Equatable { case tell, nothing }
    enum OnClose: Equatable { case sendCloseNotify, nothing }

    /// Whether the handshake needs bytes that nobody else asks for.
    var isHandshaking: Bool {
        switch self.state {
        case .handshaking: true
        case .waiting, .open, .inputEnded, .outputEnded, .ended, .closed: false
        }
    }

    /// Whether nothing more happens.
    var isClosed: Bool {
        switch self.state {
        case .closed: true
        case .waiting, .handshaking, .open, .inputEnded, .outputEnded, .ended: false
        }
    }

    /// The transport is up.
    mutating func start() -> OnStart {
        switch self.state {
        case .waiting(let endsOutput):
            self.state = .handshaking(endsOutput: endsOutput)
            return .handshake
        case .handshaking, .open, .inputEnded, .outputEnded, .ended, .closed:
            return .nothing
        }
    }

    /// Bytes arrived.
    func received() -> OnReceived {
        switch self.state {
        case .waiting: .keep
        case .handshaking: .handshake
        case .open, .outputEnded: .decrypt
        case .inputEnded, .ended, .closed: .discard
        }
    }

    /// The engine completed the handshake.
    mutating func handshakeCompleted() -> OnHandshakeCompleted {
        switch self.state {
        case .handshaking(endsOutput: false):
            self.state = .open
            return .send
        case .handshaking(endsOutput: true):
            self.state = .outputEnded
            return .sendAndEndOutput
        case .waiting, .open, .inputEnded, .outputEnded, .ended, .closed:
            return .nothing
        }
    }

    /// Plaintext was written.
    func write() -> OnWrite {
        switch self.state {
        case .waiting(endsOutput: false), .handshaking(endsOutput: false), .open, .inputEnded: .take
        case .waiting(endsOutput: true), .handshaking(endsOutput: true), .outputEnded, .ended: .refuseOutputEnded
        case .closed: .refuseClosed
        }
    }

    /// What was written shall go.
    func flush() -> OnFlush {
        switch self.state {
        case .open, .inputEnded: .encrypt
        case .waiting, .handshaking, .outputEnded, .ended, .closed: .hold
        }
    }

    /// Our direction shall end after what was written.
    mutating func endOutput() -> OnEndOutput {
        switch self.state {
        case .waiting(endsOutput: false):
            self.state = .waiting(endsOutput: true)
            return .later
        case .handshaking(endsOutput: false):
            self.state = .handshaking(endsOutput: true)
            return .later
        case .open:
            self.state = .outputEnded
            return .sendCloseNotify
        case .inputEnded:
            self.state = .ended
            return .sendCloseNotify
        case .waiting(endsOutput: true), .handshaking(endsOutput: true), .outputEnded, .ended:
            return .refuse
        case .closed:
            return .passOn
        }
    }

    /// The peer's direction has ended in order, or nobody here wants it any more.
    mutating func inputEnded() -> OnInputEnded {
        switch self.state {
        case .open:
            self.state = .inputEnded
            return .tell
        case .outputEnded:
            self.state = .ended
            return .tell
        case .waiting, .handshaking, .inputEnded, .ended, .closed:
            return .nothing
        }
    }

    /// The transport delivers nothing more.
    mutating func transportInputEnded() -> OnTransportEnded {
        switch self.state {
        case .waiting, .handshaking:
            return .failHandshake
        case .open:
            self.state = .inputEnded
            return .tellTruncated
        case .outputEnded:
            self.state = .ended
            return .tellTruncated
        case .inputEnded, .ended, .closed:
            return .nothing
        }
    }

    /// The engine or the transport failed.
    mutating func failed() -> OnFailed {
        switch self.state {
        case .waiting, .handshaking, .open, .inputEnded, .outputEnded, .ended:
            self.state = .closed
            return .tell
        case .closed:
            return .nothing
        }
    }

    /// Both directions shall end now.
    mutating func close() -> OnClose {
        switch self.state {
        case .open, .inputEnded:
            self.state = .closed
            return .sendCloseNotify
        case .waiting, .handshaking, .outputEnded, .ended, .closed:
            self.state = .closed
            return .nothing
        }
    }
}
