// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// Where a route leads: an address in which `{name}` stands for a segment of the request's path.
///
/// What comes out of a path is put in only if it consists of letters, digits, and `. _ ~ -` (`:` in an IPv6 address), so it
/// can neither end the part of the address that it stands in nor begin another.
struct RouteTarget: Hashable, Sendable, CustomStringConvertible {
    enum Piece: Hashable, Sendable {
        case text(String)
        case placeholder(String)
    }

    /// What the request has a say in.
    enum Origin: Hashable, Sendable {
        /// Nothing, or only what the other end is told: its path, its arguments.
        case configuration
        /// The other end itself. A rule must allow it.
        case request
    }

    /// As it was written.
    let description: String
    let origin: Origin
    /// The address with something in place of the placeholders: of the same kind as all that the route leads to.
    let sample: Address
    private let pieces: [Piece]

    /// - Parameter names: The placeholders of the route's pattern; other braces are text.
    /// - Throws: `ValueError` in words.
    init(_ text: String, names: Set<String>) throws(ValueError) {
        self.description = text
        self.pieces = Self.pieces(of: text, names: names)
        let one = try Self.parse(Self.filled(self.pieces) { _ in "1" }, as: text)
        let two = try Self.parse(Self.filled(self.pieces) { _ in "2" }, as: text)
        self.sample = one
        switch (one, two) {
        case (.webSocketListen, _), (.webSocketUnixListen, _), (.webSocketInherited, _), (.tcpListen, _),
            (.unixListen, _):
            throw ValueError("\(text) listens", "a route leads to an address that connects")
        case (.standardStreams, _):
            throw ValueError("\(text): a service has no standard streams to share", "use another address")
        case (.tcp(let host), .tcp(let other)):
            self.origin = host == other ? .configuration : .request
        case (.webSocket(let url), .webSocket(let other)):
            self.origin = url.hostAndPort == other.hostAndPort ? .configuration : .request
        case (.unix(let path), .unix(let other)):
            self.origin = path == other ? .configuration : .request
        case (.webSocketOverUnix(let path, _), .webSocketOverUnix(let other, _)):
            self.origin = path == other ? .configuration : .request
        case (.exec(let program, _), .exec(let other, _)):
            guard program == other else {
                throw ValueError("\(text): the request would choose the program", "name it, and pass arguments")
            }
            self.origin = .configuration
        case (.shell(let command), .shell(let other)):
            guard command == other else {
                throw ValueError(
                    "\(text): a shell would read what the request says",
                    "use exec:, or $STRAIT_PATH_NAME of the environment"
                )
            }
            self.origin = .configuration
        case (.echo, _), (.discard, _):
            self.origin = .configuration
        case (.tcp, _), (.webSocket, _), (.unix, _), (.webSocketOverUnix, _), (.exec, _), (.shell, _):
            throw ValueError("\(text): the request would choose the kind of address", "write it out")
        }
        if case .webSocket(let url) = one, url.credentials != nil, self.origin == .request {
            throw ValueError("\(text): credentials for a host that the request chooses", "leave them out")
        }
    }

    /// - Parameter values: What the placeholders stand for.
    /// - Returns: `nil` when one of them has characters that don't belong into an address.
    func address(_ values: [String: String]) -> Address? {
        guard self.pieces.contains(where: { if case .placeholder = $0 { true } else { false } }) else {
            return self.sample
        }
        var before = ""
        for piece in self.pieces {
            switch piece {
            case .text(let text):
                before += text
            case .placeholder(let name):
                guard let value = values[name], let safe = Self.safe(value, behind: before) else { return nil }
                before += safe
            }
        }
        return try? Address(before)
    }

    /// - Parameter before: What stands before it; a host may be an IPv6 address, which gets its brackets.
    private static func safe(_ value: String, behind before: String) -> String? {
        guard let first = value.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "."),
            value.utf8.count <= Self.longestValue
        else { return nil }
        if value.utf8.allSatisfy(Self.isSafe) { return value }
        let isHost = before.lowercased() == "tcp:" || before.hasSuffix("://")
        return isHost && IPAddress(value)?.family == .ipv6 ? "[\(value)]" : nil
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "._~-".utf8.contains(byte)
        }
    }

    private static func pieces(of text: String, names: Set<String>) -> [Piece] {
        var pieces: [Piece] = []
        var rest = text[...]
        var literal = ""
        while let character = rest.first {
            if character == "{", let end = rest.firstIndex(of: "}") {
                let name = String(rest[..<end].dropFirst())
                if names.contains(name) {
                    pieces += [.text(literal), .placeholder(name)]
                    literal = ""
                    rest = rest[rest.index(after: end)...]
                    continue
                }
            }
            literal.append(character)
            rest = rest.dropFirst()
        }
        return pieces + [.text(literal)]
    }

    private static func filled(_ pieces: [Piece], _ value: (String) -> String) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .placeholder(let name): value(name)
            }
        }.joined()
    }

    private static func parse(_ filled: String, as text: String) throws(ValueError) -> Address {
        do throws(AddressError) {
            return try Address(filled)
        } catch {
            // What is wrong is shown with the address as it was written, unless that may hold a secret.
            let name = filled == text || text.contains("@") ? error.address : text
            throw ValueError("\(name): \(error.problem)", error.expected)
        }
    }

    /// The longest name that DNS has.
    private static let longestValue = 253
}
