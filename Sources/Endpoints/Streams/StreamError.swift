// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import NIOCore

#if canImport(Glibc)
import Glibc
#endif

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

    public var description: String {
        switch self {
        case .reset: "connection reset by peer"
        case .closedByReader: "closed by its reader (broken pipe)"
        case .brokenWhileSending: "connection closed by peer while bytes were being sent"
        case .system(let error): error.errnoDescription
        case .below(let error): "\(error)"
        }
    }
}
