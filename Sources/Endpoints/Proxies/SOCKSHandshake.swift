// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The client's side of SOCKS 5 (RFC 1928), with user and password (RFC 1929): bytes in, what to send out.
struct SOCKSHandshake {
    /// What the proxy shall connect to.
    enum Target: Equatable {
        case address(SocketAddress)
        /// The proxy looks it up.
        case name(HostAndPort)
    }

    private enum State {
        /// Nothing was sent. Next: `greeted`.
        case idle
        /// The proxy chooses how we authenticate. Next: `authenticating`, `requested`, `failed`.
        case greeted
        /// User and password were sent. Next: `requested`, `failed`.
        case authenticating(ProxyCredentials)
        /// The proxy connects. Next: `established`, `failed`.
        case requested
        /// What follows is the target's. Final.
        case established
        /// Final.
        case failed(SOCKSFailure)
    }

    enum OnReceived: Equatable {
        case wait
        case send(ByteBuffer)
        case established
    }

    private var state = State.idle
    private let target: Target
    private let credentials: ProxyCredentials?

    init(to target: Target, credentials: ProxyCredentials?) {
        self.target = target
        self.credentials = credentials
    }

    /// - Returns: The greeting to send.
    /// - Throws: When the target or the credentials can't be said in SOCKS.
    mutating func start() throws(SOCKSFailure) -> ByteBuffer {
        if case .name(let host) = self.target, host.host.utf8.count > 255 {
            throw .nameTooLong(bytes: host.host.utf8.count)
        }
        if let credentials, !credentials.isFitForSOCKS { throw .credentialsTooLong }
        self.state = .greeted
        let methods = self.credentials == nil ? [Self.nobody] : [Self.nobody, Self.userAndPassword]
        return ByteBuffer(bytes: [Self.version, UInt8(methods.count)] + methods)
    }

    /// Takes an answer from the front of `bytes`, or nothing while it is incomplete. What lies behind the last one stays.
    ///
    /// - Throws: What went wrong; the same at each further call.
    mutating func received(_ bytes: inout ByteBuffer) throws(SOCKSFailure) -> OnReceived {
        do throws(SOCKSFailure) {
            switch self.state {
            case .idle, .established:
                return .wait
            case .greeted:
                return try self.choose(&bytes)
            case .authenticating:
                return try self.authenticate(&bytes)
            case .requested:
                return try self.connect(&bytes)
            case .failed(let failure):
                throw failure
            }
        } catch {
            self.state = .failed(error)
            throw error
        }
    }

    private mutating func choose(_ bytes: inout ByteBuffer) throws(SOCKSFailure) -> OnReceived {
        guard let version = bytes.first else { return .wait }
        guard version == Self.version else { throw .notSOCKS(firstByte: version) }
        guard let method = bytes.second else { return .wait }
        bytes.moveReaderIndex(forwardBy: 2)
        switch (method, self.credentials) {
        case (Self.nobody, _):
            self.state = .requested
            return .send(self.request)
        case (Self.userAndPassword, let credentials?):
            self.state = .authenticating(credentials)
            return .send(Self.login(credentials))
        case (Self.noneAcceptable, let credentials):
            throw .noAcceptableMethod(hadCredentials: credentials != nil)
        case (let method, _):
            throw .unexpectedMethod(method)
        }
    }

    private mutating func authenticate(_ bytes: inout ByteBuffer) throws(SOCKSFailure) -> OnReceived {
        guard let status = bytes.second else { return .wait }
        bytes.moveReaderIndex(forwardBy: 2)
        guard status == 0 else { throw .credentialsRefused }
        self.state = .requested
        return .send(self.request)
    }

    private mutating func connect(_ bytes: inout ByteBuffer) throws(SOCKSFailure) -> OnReceived {
        guard let version = bytes.first else { return .wait }
        guard version == Self.version else { throw .malformed }
        guard let reply = bytes.second else { return .wait }
        // Of a refusal some proxies send no more than this.
        guard reply == 0 else { throw .refused(reply: reply) }
        let start = bytes.readerIndex
        guard let type = bytes.getInteger(at: start + 3, as: UInt8.self) else { return .wait }
        let length: Int
        switch type {
        case Self.ipv4: length = 4
        case Self.ipv6: length = 16
        case Self.name:
            guard let count = bytes.getInteger(at: start + 4, as: UInt8.self) else { return .wait }
            length = 1 + Int(count)
        default: throw .malformed
        }
        // Version, reply, a reserved byte, type; the address it connects from; a port.
        guard bytes.readableBytes >= 4 + length + 2 else { return .wait }
        bytes.moveReaderIndex(forwardBy: 4 + length + 2)
        self.state = .established
        return .established
    }

    private var request: ByteBuffer {
        var bytes = ByteBuffer(bytes: [Self.version, Self.connect, 0])
        switch self.target {
        case .address(.v4(let address)):
            bytes.writeInteger(Self.ipv4)
            withUnsafeBytes(of: address.address.sin_addr) { _ = bytes.writeBytes($0) }
            bytes.writeInteger(UInt16(bigEndian: address.address.sin_port))
        case .address(.v6(let address)):
            bytes.writeInteger(Self.ipv6)
            withUnsafeBytes(of: address.address.sin6_addr) { _ = bytes.writeBytes($0) }
            bytes.writeInteger(UInt16(bigEndian: address.address.sin6_port))
        case .address(.unixDomainSocket):
            // Never asked for: targets have a host and a port.
            break
        case .name(let host):
            bytes.writeInteger(Self.name)
            bytes.writeInteger(UInt8(truncatingIfNeeded: host.host.utf8.count))
            bytes.writeString(host.host)
            bytes.writeInteger(UInt16(truncatingIfNeeded: host.port))
        }
        return bytes
    }

    private static func login(_ credentials: ProxyCredentials) -> ByteBuffer {
        var bytes = ByteBuffer(bytes: [1])
        for text in [credentials.user, credentials.password] {
            bytes.writeInteger(UInt8(truncatingIfNeeded: text.utf8.count))
            bytes.writeString(text)
        }
        return bytes
    }

    private static let version: UInt8 = 5
    private static let connect: UInt8 = 1
    // Methods, §3.
    private static let nobody: UInt8 = 0
    private static let userAndPassword: UInt8 = 2
    private static let noneAcceptable: UInt8 = 0xFF
    // Address types, §5.
    private static let ipv4: UInt8 = 1
    private static let name: UInt8 = 3
    private static let ipv6: UInt8 = 4
}

extension ByteBuffer {
    fileprivate var first: UInt8? { self.getInteger(at: self.readerIndex) }
    fileprivate var second: UInt8? { self.getInteger(at: self.readerIndex + 1) }
}
