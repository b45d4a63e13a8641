// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOPosix
import TLSEngine

/// Checks passwords against slow hashes: on threads of its own, a bounded number at a time, and only once for each password
/// that was right.
final class PasswordCheck: Sendable {
    enum Answer: Equatable, Sendable {
        case right
        case wrong
        /// Too many are being checked.
        case busy
        /// There is no libcrypt.
        case unavailable(reason: String)
    }

    private struct State {
        var waiting = 0
        /// Keyed hashes of what was right.
        var known: Set<[UInt8]> = []
    }

    private let state = NIOLockedValueBox(State())
    /// Nobody else has it, so what is remembered tells nothing about the passwords.
    private let key: [UInt8]

    /// How many may wait for their turn; the next ones are told to come again.
    private static let mostWaiting = 64
    private static let mostKnown = 4096

    init() {
        var random = SystemRandomNumberGenerator()
        self.key = (0..<SHA256.byteCount).map { _ in random.next() }
    }

    /// Both are there from the first password on.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        return threads
    }()
    private static let library: Result<CryptLibrary, CryptLibrary.Missing> = {
        do throws(CryptLibrary.Missing) {
            return .success(try CryptLibrary())
        } catch {
            return .failure(error)
        }
    }()

    /// - Throws: When there is no libcrypt.
    func requireLibrary() throws(CryptLibrary.Missing) {
        _ = try Self.library.get()
    }

    func check(_ password: String, of user: String, in users: Users) async -> Answer {
        let hash = users.hash(of: user)
        guard let compared = hash ?? users.decoy else { return .wrong }
        let library: CryptLibrary
        do throws(CryptLibrary.Missing) {
            library = try Self.library.get()
        } catch {
            return .unavailable(reason: error.reason)
        }
        // A password is known together with its hash: another hash in the file, and it is forgotten.
        let code = SHA256.authenticate(Array("\(compared.text)\0\(user)\0\(password)".utf8), key: self.key)
        let isKnown = self.state.withLockedValue { $0.known.contains(code) }
        if isKnown { return hash == nil ? .wrong : .right }
        guard self.take() else { return .busy }
        let isRight = await withCheckedContinuation { continuation in
            Self.threads.submit { state in
                guard case .active = state else { return continuation.resume(returning: false) }
                let made = library.hash(password, as: compared)
                continuation.resume(
                    returning: made.map { SHA256.isSame(Array($0.utf8), Array(compared.text.utf8)) } ?? false
                )
            }
        }
        self.state.withLockedValue { state in
            state.waiting -= 1
            guard isRight, hash != nil else { return }
            if state.known.count >= Self.mostKnown { state.known.removeAll() }
            state.known.insert(code)
        }
        return isRight && hash != nil ? .right : .wrong
    }

    private func take() -> Bool {
        self.state.withLockedValue { state in
            guard state.waiting < Self.mostWaiting else { return false }
            state.waiting += 1
            return true
        }
    }
}
