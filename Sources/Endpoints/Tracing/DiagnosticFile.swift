// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Logging
import NIOConcurrencyHelpers
import NIOCore

/// A file that is written while links run, for people to look at: that it fails does them no harm.
public final class DiagnosticFile: Sendable {
    /// It can't be opened.
    public struct OpeningFailure: Error, CustomStringConvertible {
        /// Which, why, and what to do.
        public let description: String
    }

    private struct State {
        /// `nil` after the first failure.
        var descriptor: CInt?
    }
    private let state: NIOLockedValueBox<State>
    private let name: String
    private let log: Logger
    /// As many bytes as are written without waiting, once the file is ready.
    private let stride: Int

    /// How long a pipe's reader, or a terminal, may take for what is written, in milliseconds.
    private static let patience: CInt = 1000
    /// Payload may hold secrets.
    private static let permissions: mode_t = 0o600

    /// - Parameters:
    ///   - option: names the file in messages: `--trace`.
    ///   - path: what is there is overwritten; `%` is standard error, as with curl.
    public init(option: String, path: String, log: Logger) throws(OpeningFailure) {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
        let descriptor = path == "%" ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, flags, Self.permissions)
        guard descriptor >= 0 else {
            let reason = IOError(errnoCode: errno, reason: "open").errnoDescription
            throw OpeningFailure(
                description: "\(option) \(path.printable): \(reason) (give a file that can be written, or % for stderr)"
            )
        }
        var status = stat()
        let isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        self.stride = isRegular ? Int.max : Int(PIPE_BUF)
        self.state = NIOLockedValueBox(State(descriptor: descriptor))
        self.name = "\(option) \(path.printable)"
        self.log = log
    }

    /// Writes all of `bytes` with nothing of others between. After a failure, of which the log is told, nothing more.
    func write(_ bytes: ByteBuffer) {
        let failure = self.state.withLockedValue { state -> String? in
            guard let descriptor = state.descriptor, let failure = self.write(bytes, to: descriptor) else { return nil }
            Glibc.close(descriptor)
            state.descriptor = nil
            return failure
        }
        // Not under the lock: the log may write here, too.
        guard let failure else { return }
        self.log.warning("\(self.name): \(failure) (nothing more is written there; links go on)")
    }

    /// - Returns: what went wrong.
    private func write(_ bytes: ByteBuffer, to descriptor: CInt) -> String? {
        var rest = bytes
        while rest.readableBytes > 0 {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&waiting, 1, Self.patience) != 0 else { return "nobody reads it" }
            let count = rest.withUnsafeReadableBytes { bytes in
                Glibc.write(descriptor, bytes.baseAddress, min(bytes.count, self.stride))
            }
            if count > 0 {
                rest.moveReaderIndex(forwardBy: count)
            } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
                return IOError(errnoCode: errno, reason: "write").errnoDescription
            }
        }
        return nil
    }
}
