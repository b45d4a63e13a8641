// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// A listening socket that was open when this process started.
struct InheritedSocket {
    private let descriptor: CInt

    /// - Parameter descriptor: stays open whatever becomes of listeners on it.
    init(_ descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Another descriptor of it, which its user closes.
    func copy() throws -> CInt {
        let copy = fcntl(self.descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw IOError(errnoCode: errno, reason: "dup") }
        return copy
    }

    /// What would have made it.
    func address(isSecure: Bool) throws -> Address {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(self.descriptor, $0, &length) }
        }
        guard status == 0 else { throw IOError(errnoCode: errno, reason: "getsockname") }
        return try withUnsafeBytes(of: storage) { bytes in
            switch CInt(storage.ss_family) {
            case AF_INET:
                return Self.address(SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self)), isSecure: isSecure)
            case AF_INET6:
                return Self.address(SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self)), isSecure: isSecure)
            case AF_UNIX where !isSecure:
                let offset = MemoryLayout<sa_family_t>.size
                let path = bytes.prefix(Int(length)).dropFirst(offset)
                let isAbstract = path.first == 0
                let name = isAbstract ? path.dropFirst() : path.prefix { $0 != 0 }
                return .webSocketUnixListen(path: (isAbstract ? "@" : "") + String(decoding: name, as: UTF8.self))
            default:
                throw EndpointError.listenFailed(
                    reason: "the socket is none for TCP\(isSecure ? ", which TLS needs" : " or Unix sockets")",
                    hint: "see ListenStream= in systemd.socket(5)"
                )
            }
        }
    }

    private static func address(_ address: SocketAddress, isSecure: Bool) -> Address {
        let host = HostAndPort(address.ipAddress ?? "", address.port ?? 0)
        return .webSocketListen(isSecure: isSecure, host, path: nil)
    }
}
