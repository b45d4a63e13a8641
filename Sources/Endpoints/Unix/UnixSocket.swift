// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// Unix stream sockets, by path or by abstract name (`@name`): NIO's own addresses know no abstract names.
enum UnixSocket {
    /// Does not wait for room in the listener's queue.
    ///
    /// - Returns: a connected descriptor, which does not block.
    /// - Throws: `IOError` of socket(2) or connect(2): `EAGAIN` where there is no room.
    static func connect(to path: String) throws -> CInt {
        try self.open(flags: CInt(SOCK_NONBLOCK.rawValue)) { socket in
            while try self.withAddress(of: path, { Glibc.connect(socket, $0, $1) }) != 0 {
                if errno != EINTR { throw IOError(errnoCode: errno, reason: "connect") }
            }
        }
    }

    /// Binds and listens. A socket file that nobody listens on any more is replaced.
    ///
    /// - Throws: `IOError` of socket(2), bind(2) or listen(2): `EADDRINUSE` when somebody listens there, `EEXIST` when
    ///   something else has that name.
    static func listen(on path: String) throws -> CInt {
        try self.open { socket in
            if try self.withAddress(of: path, { bind(socket, $0, $1) }) != 0 {
                let error = IOError(errnoCode: errno, reason: "bind")
                if error.errnoCode == EADDRINUSE, self.isNoSocket(path) {
                    throw IOError(errnoCode: EEXIST, reason: "bind")
                }
                guard error.errnoCode == EADDRINUSE, self.isStale(path) else { throw error }
                _ = unlink(path)
                guard try self.withAddress(of: path, { bind(socket, $0, $1) }) == 0 else {
                    throw IOError(errnoCode: errno, reason: "bind")
                }
            }
            guard Glibc.listen(socket, 4096) == 0 else { throw IOError(errnoCode: errno, reason: "listen") }
        }
    }

    private static func isNoSocket(_ path: String) -> Bool {
        var status = stat()
        return !path.hasPrefix("@") && lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFSOCK
    }

    /// A socket file whose listener has gone: it refuses. The probe is of another type, so a listener that lives answers
    /// `EPROTOTYPE` and never sees it.
    private static func isStale(_ path: String) -> Bool {
        guard !path.hasPrefix("@") else { return false }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
        let probe = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return false }
        defer { _ = Glibc.close(probe) }
        let result = try? self.withAddress(of: path) { Glibc.connect(probe, $0, $1) }
        return result == -1 && errno == ECONNREFUSED
    }

    private static let streamType = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)

    private static func open(flags: CInt = 0, _ body: (CInt) throws -> Void) throws -> CInt {
        let descriptor = socket(AF_UNIX, Self.streamType | flags, 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        do {
            try body(descriptor)
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    /// `sun_path` with its length: an abstract name begins with a zero byte and is as long as it is (unix(7)).
    private static func withAddress(of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) throws
        -> CInt
    {
        var bytes = Array(path.utf8)
        let isAbstract = bytes.first == UInt8(ascii: "@")
        if isAbstract { bytes[0] = 0 } else { bytes.append(0) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count <= room else { throw IOError(errnoCode: ENAMETOOLONG, reason: "path") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = MemoryLayout<sockaddr_un>.size - room + bytes.count
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}
