// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Logging
import NIOCore
import NIOPosix
import TLSEngine

/// A listening address: accepts connections until it is closed.
public final class Listener: Sendable {
    /// What a user connects to, with the port that was taken: `ws://127.0.0.1:8080/ssh`.
    public let name: String
    /// More than one where the service manager has given several sockets of one name.
    private let channels: [any Channel]
    private let acceptors: [Acceptor]
    private let socketFile: SocketFile?
    /// Another process has the socket, too, or will.
    private let isShared: Bool

    /// Listens on `address` and calls `serve` for each connection, on a task pinned to its event loop.
    ///
    /// - Parameter arrivals: counts connections until `serve` is called.
    /// - Throws: when the address is taken, or the certificate can't be used.
    public static func start(
        on address: Address,
        loops: EventLoops,
        options: LinkOptions,
        log: Logger,
        arrivals: Arrivals = Arrivals(),
        serve: @escaping @Sendable (IncomingConnection) async -> Void
    ) async throws(OpeningError) -> Listener {
        func acceptor(_ address: Address) throws(EndpointError) -> Acceptor {
            try Acceptor(address, loops: loops, options: options, log: log, unserved: arrivals, serve: serve)
        }
        do {
            switch address {
            case .tcpListen(let host), .webSocketListen(_, let host, _):
                let acceptor = try acceptor(address)
                let bootstrap = self.bootstrap(address, acceptor, loops, log)
                let channel = try await self.bind(bootstrap, to: host, loops, options)
                return Listener(["\(address.withPort(channel.localAddress?.port))"], [channel], [acceptor])
            case .unixListen(let path), .webSocketUnixListen(let path):
                let acceptor = try acceptor(address)
                let socket = try UnixSocket.listen(on: path)
                let bootstrap = self.bootstrap(address, acceptor, loops, log)
                let channel = try await self.take(socket, by: bootstrap)
                return Listener(["\(address)"], [channel], [acceptor], socketFile: SocketFile(path))
            case .webSocketInherited(let isSecure, let name):
                let sockets = (options.inheritedSockets[name] ?? []).map(InheritedSocket.init)
                guard !sockets.isEmpty else { throw Self.noSocket(named: name) }
                var (names, channels, acceptors) = ([String](), [any Channel](), [Acceptor]())
                for socket in sockets {
                    let own = try socket.address(isSecure: isSecure)
                    let acceptor = try acceptor(own)
                    let bootstrap = self.bootstrap(own, acceptor, loops, log)
                    channels.append(try await self.take(try socket.copy(), by: bootstrap))
                    acceptors.append(acceptor)
                    names.append("\(own)")
                }
                return Listener(names, channels, acceptors, isShared: true)
            case .standardStreams, .webSocket, .webSocketOverUnix, .tcp, .unix, .exec, .shell, .echo, .discard:
                throw EndpointError.listenFailed(reason: "\(address) does not listen", hint: "use a listening address")
            }
        } catch {
            throw OpeningError(name: "\(address)", reason: Self.failure(error))
        }
    }

    private init(
        _ names: [String],
        _ channels: [any Channel],
        _ acceptors: [Acceptor],
        socketFile: SocketFile? = nil,
        isShared: Bool = false
    ) {
        self.name = names.joined(separator: ", ")
        self.channels = channels
        self.acceptors = acceptors
        self.socketFile = socketFile
        self.isShared = isShared
    }

    /// Accepts no more connections and removes the socket file, at once. Links go on; a client that is not served yet may be
    /// cut off.
    public func close() {
        self.socketFile?.remove()
        for channel in self.channels { channel.close(promise: nil) }
    }

    /// Accepts no more connections and removes the socket file, but serves every client that is connected by then. Clients
    /// of an inherited socket that nobody has accepted wait in its backlog for whoever else has it.
    ///
    /// - Returns: once it is closed.
    public func stop() async {
        self.socketFile?.remove()
        for (channel, acceptor) in zip(self.channels, self.acceptors) {
            await ListenerClosing(isShared: self.isShared, onTheirWay: acceptor.onTheirWay).close(channel)
        }
    }

    /// Reads certificates anew; it keeps its address.
    ///
    /// - Returns: what has connections that it accepts from then on use `options`.
    /// - Throws: when a file can't be used; nothing has changed then.
    public func prepareUpdate(_ options: LinkOptions) throws(OpeningError) -> @Sendable () -> Void {
        var updates: [@Sendable () -> Void] = []
        do throws(EndpointError) {
            for acceptor in self.acceptors { updates.append(try acceptor.prepareUpdate(options)) }
        } catch {
            throw OpeningError(name: self.name, reason: error)
        }
        return { [updates] in for update in updates { update() } }
    }

    /// Waits until it has been closed.
    public func waitUntilClosed() async {
        for channel in self.channels { try? await channel.closeFuture.get() }
    }

    private static func noSocket(named name: String) -> EndpointError {
        .listenFailed(
            reason: "the service manager has given no socket of this name",
            hint: "set FileDescriptorName=\(name) in a socket unit, and start that first"
        )
    }

    private static func bind(
        _ bootstrap: ServerBootstrap,
        to host: HostAndPort,
        _ loops: EventLoops,
        _ options: LinkOptions
    ) async throws -> any Channel {
        let resolver = NameResolver(eventLoop: loops.group.next(), threads: loops.resolving, family: options.family)
        let addresses: [SocketAddress]
        do {
            addresses = try await resolver.addresses(of: host.host, port: host.port)
        } catch let failure as NameResolver.Failure {
            throw EndpointError.nameNotFound(host: host.host, reason: failure.reason)
        }
        guard let address = addresses.first else {
            throw EndpointError.listenFailed(
                reason: "\(host.host) has no address",
                hint: "use an address of this machine"
            )
        }
        return
            try await bootstrap
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(to: address)
            .get()
    }

    /// Listens on a socket that is bound, or listening already.
    private static func take(_ socket: CInt, by bootstrap: ServerBootstrap) async throws -> any Channel {
        let channel = try await bootstrap.withBoundSocket(socket).get()
        // NIO has set the length of the backlog to its own default, 128, whatever it was.
        _ = listen(socket, Self.backlog)
        return channel
    }

    /// The kernel has a limit of its own, net.core.somaxconn, which is the same by default.
    private static let backlog: CInt = 4096

    private static func bootstrap(
        _ address: Address,
        _ acceptor: Acceptor,
        _ loops: EventLoops,
        _ log: Logger
    ) -> ServerBootstrap {
        ServerBootstrap(group: loops.group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(address, log: log))
                    let counter = ArrivalCounter(onArrival: acceptor.countArrival)
                    try channel.pipeline.syncOperations.addHandler(counter)
                    if address.needsCertificate { self.watchCertificates(acceptor, channel, loops) }
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try acceptor.prepare(channel) }
            }
    }

    /// Not on the event loop, which a slow disk would hold up.
    private static func watchCertificates(_ acceptor: Acceptor, _ channel: any Channel, _ loops: EventLoops) {
        let threads = loops.blocking
        let watch = channel.eventLoop.scheduleRepeatedAsyncTask(
            initialDelay: Self.certificateInterval,
            delay: Self.certificateInterval
        ) { _ in
            threads.runIfActive(eventLoop: channel.eventLoop) { acceptor.lookForNewCertificates() }
        }
        channel.closeFuture.whenComplete { _ in watch.cancel() }
    }

    /// How often files are looked at.
    private static let certificateInterval = TimeAmount.seconds(2)

    private static func failure(_ error: any Error) -> EndpointError {
        if let error = error as? EndpointError { return error }
        guard let error = error as? IOError else {
            return .listenFailed(reason: "\(error)", hint: "use an address of this machine")
        }
        let hint =
            switch error.errnoCode {
            case EADDRINUSE: "another program listens there; stop it, or choose another address"
            case EACCES, EPERM: "ports below 1024 and foreign folders need privileges"
            case EEXIST: "the file there is no socket; choose another path, or remove it"
            case EADDRNOTAVAIL: "use an address of this machine"
            case ENOENT: "the folder does not exist"
            default: "choose another address"
            }
        return .listenFailed(reason: error.errnoDescription, hint: hint)
    }
}
