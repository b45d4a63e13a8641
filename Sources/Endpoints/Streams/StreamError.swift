// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
public import NIOCore

/// How a byte stream broke.
public enum StreamError: Error, Sendable, CustomStringConvertible {
    /// The peer reset the connection.
    case reset
    /// The peer takes no more bytes (`EPIPE`).
    case closedByReader
    /// The connection broke while we were sending.
    case brokenWhileSending
    /// The kernel refused an operation on the descriptor.
    case system(IOError)
    /// The layer below, such as TLS, has failed.
    case below(any Error)
    /// The program that started us has closed both standard streams.
    case hungUp
    /// The child was killed by this signal, so the end of its output is none in order.
    case childKilled(signal: CInt)
    /// One of the standard streams, `stdin` or `stdout`, has failed.
    indirect case standardStream(String, StreamError)

    init(_ error: any Error) {
        switch error {
        case let error as StreamError:
            self = error
        case let error as IOError where error.errnoCode == ECONNRESET:
            self = .reset
        case let error as IOError where error.errnoCode == EPIPE:
            self = .closedByReader
        case let error as IOError:
            self = .system(error)
        default:
            self = .below(error)
        }
    }

    /// As a log line shows it: why, and what to do or what follows.
    public var description: String {
        switch self {
        case .reset: "connection reset by peer (it, or something on the way, has broken the connection off)"
        case .closedByReader: "closed by its reader before everything was written (broken pipe)"
        case .brokenWhileSending: "connection closed by peer before it took everything (see the log of the service)"
        case .system(let error): "\(error.errnoDescription) (\(Self.hint(error.errnoCode)))"
        case .below(let error): "\(error)"
        case .childKilled(let signal): "the child was killed by signal \(signal) (see what it printed)"
        case .hungUp: "stdin and stdout were closed (the program that started strait has ended)"
        case .standardStream(let name, let error): "\(name): \(error)"
        }
    }

    private static func hint(_ code: CInt) -> String {
        switch code {
        case ENOSPC, EDQUOT: "make room on the disk"
        case EFBIG: "the file reached the limit of its size, see ulimit -f"
        case EBADF: "it is closed, or open for the other direction only"
        case ETIMEDOUT: "the peer does not answer any more"
        case EISDIR: "it is a folder"
        default: "errno \(code)"
        }
    }
}
