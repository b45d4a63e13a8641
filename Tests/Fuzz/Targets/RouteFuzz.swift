// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import WebSocketCore

@testable import Service

extension FuzzTarget {
    /// A request's target, its Host and its Authorization, a line each.
    static let routes = FuzzTarget(name: "routes") {
        let fuzz = try RouteFuzz()
        return fuzz.run
    }
}

/// What a service makes of the parts of a request that a stranger chooses.
struct RouteFuzz {
    private let pattern: RoutePattern
    private let targets: [RouteTarget]
    private let tokens: Tokens

    init() throws {
        self.pattern = try RoutePattern("/tcp/{host}/{port}")
        self.tokens = try Tokens(Array("0123456789abcdef\n".utf8))
        self.targets = try ["tcp:{host}:{port}", "unix:/run/{host}", "ws://{host}/{port}", "exec:cat {host} {port}"].map
        {
            try RouteTarget($0, names: ["host", "port"])
        }
    }

    func run(_ bytes: [UInt8]) throws -> FuzzTarget.Verdict {
        let lines = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        let texts = lines.map { String(decoding: $0, as: UTF8.self) } + ["", "", ""]
        try self.checkAuthorization(texts[2])
        let path: RequestPath
        do {
            path = try RequestPath(target: texts[0])
        } catch {
            try promiseOneLine("\(error)")
            return .refused
        }
        guard let host = RequestHost.name(of: texts[1]) else { return .refused }
        try promise(!host.isEmpty && host == host.lowercased(), "a host is in lower case: \(host)")
        try Self.checkSegments(of: path)
        guard let values = self.pattern.match(host: host, path: path) else { return .accepted }
        for target in self.targets {
            guard let address = target.address(values) else { continue }
            try self.check(address)
        }
        return .accepted
    }

    private static func checkSegments(of path: RequestPath) throws {
        try promise("/" + path.segments.joined(separator: "/") == path.text, "segments are the path: \(path.text)")
        for segment in path.segments {
            let decoded = RequestPath.decoded(segment) ?? ".."
            let isHarmless =
                decoded != "." && decoded != ".."
                && !decoded.unicodeScalars.contains { "/\\\0".unicodeScalars.contains($0) }
            try promise(isHarmless, "no segment leads elsewhere: \(segment)")
        }
        let inner = path.segments.dropLast()
        try promise(!inner.contains(""), "no segment but the last is empty: \(path.text)")
    }

    private func check(_ address: Address) throws {
        switch address {
        case .tcp(let host):
            try Self.check(host)
        case .webSocket(let url):
            try Self.check(url.hostAndPort)
        case .unix(let socket):
            let name = socket.dropFirst("/run/".count)
            try promise(
                socket.hasPrefix("/run/") && !name.contains("/") && !name.hasPrefix("."),
                "right in /run: \(socket)"
            )
        case .exec(let program, let arguments):
            try promise(program == "cat" && arguments.count == 2, "a value is one argument: \(arguments)")
            try promise(!arguments.contains { $0.hasPrefix("-") }, "a value is no option: \(arguments)")
        case .standardStreams, .webSocketOverUnix, .webSocketListen, .webSocketUnixListen, .webSocketInherited,
            .tcpListen, .unixListen, .shell, .echo, .discard:
            try promise(false, "no other kind of address comes of a path: \(address)")
        }
    }

    private static func check(_ host: HostAndPort) throws {
        try promise(1...65535 ~= host.port, "a port is one: \(host)")
        try promise(
            !host.host.isEmpty && !host.host.hasPrefix("-") && !host.host.hasPrefix("."),
            "a host is one: \(host)"
        )
    }

    private func checkAuthorization(_ value: String) throws {
        switch Credentials(HeaderFields([("Authorization", value)])) {
        case .bearer(let token):
            try promise((self.tokens.name(of: token) != nil) == (token == "0123456789abcdef"), "only the token opens")
        case .basic(let user, let password):
            try promise(!user.utf8.contains(0) && !password.utf8.contains(0), "no zero byte comes to crypt")
        case .none, .other:
            break
        }
    }
}
