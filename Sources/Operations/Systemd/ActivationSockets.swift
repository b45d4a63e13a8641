// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The listening sockets that the service manager has opened for us: sd_listen_fds_with_names(3), systemd.socket(5).
///
/// They stay open in the manager, so clients that come while the service restarts wait in their backlogs.
public struct ActivationSockets: Equatable, Sendable {
    /// The variables can't be.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        /// Which, and why.
        public let description: String
    }

    /// Descriptors by the name of their unit's `FileDescriptorName=`, in order.
    public let descriptors: [(name: String, descriptor: CInt)]

    /// - Parameters:
    ///   - pid: `LISTEN_PID`: whom they are meant for.
    ///   - count: `LISTEN_FDS`.
    ///   - names: `LISTEN_FDNAMES`, separated by colons.
    ///   - own: our process's number.
    init(pid: String?, count: String?, names: String?, own: pid_t) throws(Failure) {
        guard let pid, let count, pid_t(pid) == own else {
            self.descriptors = []
            return
        }
        guard let count = Int(count), (0...Self.most).contains(count) else {
            throw Failure(description: "socket activation: LISTEN_FDS is no number of sockets from 0 to \(Self.most)")
        }
        let parts = names.map { $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init) }
        guard parts == nil || parts?.count == count || (count == 0 && names == "") else {
            throw Failure(
                description: "socket activation: LISTEN_FDNAMES has another number of names than LISTEN_FDS says"
            )
        }
        self.descriptors = (0..<count).map { index in
            (parts?[index] ?? "unknown", Self.first + CInt(index))
        }
    }

    /// Takes the variables out of the environment, and has no child inherit the sockets.
    ///
    /// Call it before there are other threads.
    public static func takeFromEnvironment() throws(Failure) -> ActivationSockets {
        func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        defer { for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"] { unsetenv(name) } }
        let sockets = try ActivationSockets(
            pid: value("LISTEN_PID"),
            count: value("LISTEN_FDS"),
            names: value("LISTEN_FDNAMES"),
            own: getpid()
        )
        for entry in sockets.descriptors {
            try Self.check(entry.name, entry.descriptor)
        }
        return sockets
    }

    private static func check(_ name: String, _ descriptor: CInt) throws(Failure) {
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw Failure(
                description: "socket activation: LISTEN_FDS names descriptor \(descriptor), which is not open"
            )
        }
        var isListening: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0, isListening == 1 else {
            throw Failure(
                description:
                    "socket activation: the socket \"\(name)\" does not listen; use ListenStream= and Accept=no"
            )
        }
    }

    /// Those of one name.
    func named(_ name: String) -> [CInt] { self.byName[name] ?? [] }

    /// All of them.
    public var byName: [String: [CInt]] {
        Dictionary(grouping: self.descriptors, by: \.name).mapValues { $0.map(\.descriptor) }
    }

    /// Equal in names and descriptors.
    public static func == (left: ActivationSockets, right: ActivationSockets) -> Bool {
        left.descriptors.elementsEqual(right.descriptors) { $0 == $1 }
    }

    /// SD_LISTEN_FDS_START.
    private static let first: CInt = 3
    /// More than any unit has.
    private static let most = 256
}
